import { createHash } from 'node:crypto'
import { tableNames, type TableName } from './scale.ts'

/** SHA-256 (hex) of a database's rows: per table, and of all tables together. */
export interface SeedDigest {
  readonly all: string
  readonly tables: Readonly<Record<TableName, string>>
}

/** Composes block hashes, given in order, into digests; how the blocks were made does not matter. */
export class DigestBuilder {
  readonly #tables = new Map(tableNames.map((table) => [table, createHash('sha256')]))

  addBlock(table: TableName, hash: Uint8Array): void {
    this.#tables.get(table)!.update(hash)
  }

  finish(): SeedDigest {
    const tables = Object.fromEntries(
      tableNames.map((table) => [table, this.#tables.get(table)!.digest('hex')]),
    ) as Record<TableName, string>
    const all = createHash('sha256')
    for (const table of tableNames) all.update(`${table} ${tables[table]}\n`)
    return { all: all.digest('hex'), tables }
  }
}
