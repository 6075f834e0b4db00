import { UsageError } from '../../../core/errors.ts'
import { runInChild } from '../../../measure/child-process.ts'
import { NativeConnection } from '../../../target/native.ts'
import type { Row } from '../../../target/connection.ts'
import { quoteIdentifier } from '../../../target/quote-identifier.ts'
import { cellList, unreadableColumn } from '../../../target/cells.ts'
import { asSubquery } from '../../draw/draw-rows.ts'

/** A read with the arguments to try. */
export interface TriedRead {
  readonly id: string
  readonly sql: string
  readonly args: readonly Row[]
}

export interface UnreadableTextTask {
  readonly path: string
  readonly reads: readonly TriedRead[]
}

/** The column of a read's answer that holds a text which is not valid UTF-8. */
export interface UnreadableText {
  readonly operation: string
  readonly column: string
}

const entry = new URL(`./unreadable-text.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Names the operation and the column where a process was ended by a text that its driver cannot read: the driver itself
 * says neither (libsql 0.5.29). Another error, and one that does not come again, is returned as it is.
 * @param subject the scenario, and the variant where the reads are those of one
 */
export async function namingUnreadableText(
  subject: string,
  tasks: readonly (UnreadableTextTask & { readonly variant: string })[],
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof UsageError && error.code === 'TEXT_NOT_UTF8')) return error
  for (const { variant, path, reads } of tasks) {
    const found = await runInChild<UnreadableTextTask, UnreadableText | null>(entry, { path, reads }).catch(
      () => null,
    )
    if (found === null) continue
    const { operation, column } = found
    return new UsageError(
      'TEXT_NOT_UTF8',
      `${subject}: ${operation} on ${variant}: column «${column}» holds a text that is not valid UTF-8, which the driver cannot read; select it as CAST(${quoteIdentifier(column)} AS BLOB), or repair its rows`,
      { cause: error },
    )
  }
  return error
}

/** The first text of an answer that is not UTF-8; null where there is none. Texts are read as bytes. */
export async function findUnreadableText({
  path,
  reads,
}: UnreadableTextTask): Promise<UnreadableText | null> {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    for (const { id, sql, args } of reads) {
      const source = asSubquery(sql)
      for (const tuple of args) {
        const { columns } = connection.querySync(`SELECT * FROM ${source} LIMIT 0`, tuple)
        const cells = cellList(columns.map(quoteIdentifier))
        for (const row of connection.querySync(`SELECT ${cells} FROM ${source}`, tuple).rows) {
          const column = unreadableColumn(row, columns)
          if (column !== undefined) return { operation: id, column }
        }
      }
    }
    return null
  } finally {
    connection.close()
  }
}
