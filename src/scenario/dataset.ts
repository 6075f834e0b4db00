import type { SchemaSource } from '../schema/schema-source.ts'
import type { IdKind, Tuple, Value } from './value.ts'

/**
 * What a scenario stands on: tables and the rows in them. Paths are absolute, or relative to the file that names the
 * dataset: a scenario or `forgebench.config.ts`.
 */
export interface Dataset {
  /** Kebab-case. */
  readonly name: string
  /** What scale 1 holds, such as `10,000 orders of 500 customers`. */
  readonly description?: string
  /** How its tables are made; left out where the fill brings them: a database file, or a command that makes them. */
  readonly schema?: SchemaSource
  /** Where the rows come from. */
  readonly fill: DatasetFill
  /** How `newId()` makes ids; UUIDs in the form of the table drawn from unless given. */
  readonly ids?: DatasetIds
  /** The HTTP API that `forgebench load compare` serves on copies of it. */
  readonly api?: DatasetApi
}

/** How rows come into the tables. */
export type DatasetFill = GeneratorFill | BuilderFill | FileFill | SqlFill | CommandFill

/** Rows of a function of yours: the same seed, scale and version must give the same rows. */
export interface GeneratorFill {
  readonly kind: 'generator'
  /** Raise it whenever the same seed gives other rows; a database of another version is made anew. */
  readonly version: number | string
  /** The rows, a table's name with each. Pure. */
  readonly rows: (order: GeneratorOrder) => Iterable<GeneratedRow> | AsyncIterable<GeneratedRow>
}

/** What a generator is asked for. */
export interface GeneratorOrder {
  /** 1 is the whole. */
  readonly scale: number
  readonly seed: number
  /** Uniform in [0, 1), of the seed. */
  readonly random: () => number
}

/** A table and a row of it, by column. */
export type GeneratedRow = readonly [table: string, row: Readonly<Record<string, Value>>]

/** Makes the whole database file itself, tables included, where inserting rows would be too slow. */
export interface BuilderFill {
  readonly kind: 'builder'
  /** Raise it whenever the same seed gives other rows. */
  readonly version: number | string
  /** Versions of UUIDs that variants may ask for; `v4` alone unless given. */
  readonly ids?: readonly IdKind[]
  /** @returns a digest of the rows, equal for equal rows */
  readonly build: (order: BuilderOrder) => Promise<{ readonly digest: string }>
}

/** What a builder is asked for. */
export interface BuilderOrder {
  /** Absolute path of the file to make. */
  readonly path: string
  readonly scale: number
  readonly seed: number
  /** Version of the UUIDs. */
  readonly ids: IdKind
  /** True once the user stops: throw away what there is and throw. */
  readonly signal: { readonly aborted: boolean }
  readonly onProgress: (rowsDone: number, rowsTotal: number) => void
}

/** A database that is there. It is copied and never written to. */
export interface FileFill {
  readonly kind: 'file'
  /** Of the database file. */
  readonly path: string
}

/** SQL files with the rows, such as the output of `sqlite3 app.db .dump`. */
export interface SqlFill {
  readonly kind: 'sql'
  /** Run in their order. */
  readonly files: readonly string[]
}

/**
 * A program that fills the database, called without a shell. In its arguments `{path}`, `{scale}` and `{seed}` stand for
 * the file to fill and what is asked for; the same seed and scale must give the same rows.
 */
export interface CommandFill {
  readonly kind: 'command'
  /** The program. */
  readonly command: string
  /** In which `{path}`, `{scale}` and `{seed}` stand for the file to fill and what is asked for. */
  readonly args: readonly string[]
  /** Raise it whenever the command fills in other rows. */
  readonly version: number | string
}

export type DatasetIds =
  | {
      /** As the table drawn from stores them: text or bytes. */
      readonly kind: 'uuid'
      /** Unix time at which those of version 7 go on. */
      readonly afterMs?: number
    }
  | {
      /** In a form of your own. */
      readonly kind: 'made'
      /** Pure. */
      readonly newId: (context: NewIdContext) => Value
    }

/** What an id is made from. */
export interface NewIdContext {
  /** Of this operation, from 0. */
  readonly index: number
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number
  /** Primary key of a row of the table drawn from, on the variant at hand; empty where it has none. */
  readonly like: Tuple
}

/** An HTTP API for databases of a dataset. */
export interface DatasetApi {
  /** What it stands on, for messages: `the tables orders and customers`. */
  readonly needs: string
  /** @throws UsageError for a database file that it cannot serve */
  readonly check: (path: string) => Promise<void>
  /** Serves a database file in a process of its own, on a free port of this machine. */
  readonly serve: (path: string) => Promise<ServedApi>
}

/** An API that serves a database. */
export interface ServedApi {
  readonly url: string
  readonly pid: number
  /** What it says of the database that it serves. */
  readonly facts: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

/** Gives a dataset its type; returns the value as it is. */
export const defineDataset = (dataset: Dataset): Dataset => dataset
