import { z } from 'zod'
import { functionOf, objectOf, text, type FieldsOf } from '../core/fields.ts'
import type { SchemaSource } from '../schema/schema-source.ts'
import { idKind, type IdKind, type Tuple, type Value } from './value.ts'

const version = z.union([z.number(), text], 'must be a number or a text')

const generatorFields = {
  kind: z.literal('generator'),
  /** Raise it whenever the same seed gives other rows; a database of another version is made anew. */
  version,
  /** The rows, a table's name with each. Pure. */
  rows: functionOf<(order: GeneratorOrder) => Iterable<GeneratedRow> | AsyncIterable<GeneratedRow>>(),
}
/** Rows of a function of yours: the same seed, scale and version must give the same rows. */
export interface GeneratorFill extends FieldsOf<typeof generatorFields> {}

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

const builderFields = {
  kind: z.literal('builder'),
  /** Raise it whenever the same seed gives other rows. */
  version,
  /** Versions of UUIDs that variants may ask for; `v4` alone unless given. */
  ids: z.array(idKind).optional(),
  /** @returns a digest of the rows, equal for equal rows */
  build: functionOf<(order: BuilderOrder) => Promise<{ readonly digest: string }>>(),
}
/** Makes the whole database file itself, tables included, where inserting rows would be too slow. */
export interface BuilderFill extends FieldsOf<typeof builderFields> {}

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

const fileFields = {
  kind: z.literal('file'),
  /** Of the database file. */
  path: text,
}
/** A database that is there. It is copied and never written to. */
export interface FileFill extends FieldsOf<typeof fileFields> {}

export const sqlFilesFields = {
  kind: z.literal('sql'),
  /** Run in their order. */
  files: z.array(text).min(1, 'must name at least one file'),
}
/** SQL files with the rows, such as the output of `sqlite3 app.db .dump`. */
export interface SqlFill extends FieldsOf<typeof sqlFilesFields> {}

const commandFields = {
  kind: z.literal('command'),
  /** The program: a name in PATH, or a path. */
  command: text,
  /** In which `{path}`, `{scale}` and `{seed}` stand for the file to fill and what is asked for. */
  args: z.array(z.string()),
  /** Raise it whenever the command fills in other rows. */
  version,
}
/**
 * A program that fills the database, called without a shell. In its arguments `{path}`, `{scale}` and `{seed}` stand for
 * the file to fill and what is asked for; the same seed and scale must give the same rows.
 */
export interface CommandFill extends FieldsOf<typeof commandFields> {}

/** How rows come into the tables. */
export type DatasetFill = GeneratorFill | BuilderFill | FileFill | SqlFill | CommandFill
export const fillSchemas = {
  generator: objectOf(generatorFields),
  builder: objectOf(builderFields),
  file: objectOf(fileFields),
  sql: objectOf(sqlFilesFields),
  command: objectOf(commandFields),
}

const uuidFields = {
  /** As the table drawn from stores them: text or bytes. */
  kind: z.literal('uuid'),
  /** Unix time at which those of version 7 go on. */
  afterMs: z.number().optional(),
}
const madeFields = {
  /** In a form of your own. */
  kind: z.literal('made'),
  /** Pure. */
  newId: functionOf<(context: NewIdContext) => Value>(),
}
export type DatasetIds = FieldsOf<typeof uuidFields> | FieldsOf<typeof madeFields>
export const idsSchemas = { uuid: objectOf(uuidFields), made: objectOf(madeFields) }

/** What an id is made from. */
export interface NewIdContext {
  /** Of this operation, from 0. */
  readonly index: number
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number
  /** Primary key of a row of the table drawn from, on the variant at hand; empty where it has none. */
  readonly like: Tuple
}

/** An API that serves a database. */
export interface ServedApi {
  readonly url: string
  readonly pid: number
  /** What it says of the database that it serves. */
  readonly facts: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

const apiFields = {
  /** What it stands on, for messages: `the tables orders and customers`. */
  needs: text,
  /** @throws UsageError for a database file that it cannot serve */
  check: functionOf<(path: string) => Promise<void>>(),
  /** Serves a database file in a process of its own, on a free port of this machine. */
  serve: functionOf<(path: string) => Promise<ServedApi>>(),
}
/** An HTTP API for databases of a dataset. */
export interface DatasetApi extends FieldsOf<typeof apiFields> {}
const apiSchema: z.ZodType<DatasetApi> = objectOf(apiFields)

/** A field whose form depends on its `kind`: see `datasetMistakes`. */
const ofSomeKind = <T>(): z.ZodType<T> => z.unknown() as unknown as z.ZodType<T>

const datasetFields = {
  /** Kebab-case. */
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens, such as shop')
    // It becomes part of the name of a folder.
    .max(100, 'must have at most 100 characters'),
  /** What scale 1 holds, such as `10,000 orders of 500 customers`. */
  description: text.optional(),
  /** How its tables are made; left out where the fill brings them: a database file, or a command that makes them. */
  schema: ofSomeKind<SchemaSource>().optional(),
  /** Where the rows come from. */
  fill: ofSomeKind<DatasetFill>(),
  /** How `newId()` makes ids; UUIDs in the form of the table drawn from unless given. */
  ids: ofSomeKind<DatasetIds>().optional(),
  /** The HTTP API that `forgebench load compare` serves on copies of it. */
  api: apiSchema.optional(),
}
/**
 * What a scenario stands on: tables and the rows in them. Paths are absolute, or relative to the file that names the
 * dataset: a scenario or `forgebench.config.ts`.
 */
export interface Dataset extends FieldsOf<typeof datasetFields> {}
export const datasetSchema: z.ZodType<Dataset> = objectOf(datasetFields)

/** Gives a dataset its type; returns the value as it is. */
export const defineDataset = (dataset: Dataset): Dataset => dataset
