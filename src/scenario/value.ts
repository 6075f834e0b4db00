import { z } from 'zod'

/** A value bound to a statement. */
export type Value = null | number | bigint | string | Uint8Array
/** One row, or one tuple of arguments. */
export type Tuple = readonly Value[]

/** Version of UUIDs. */
export type IdKind = 'v4' | 'v7'
export const idKind: z.ZodType<IdKind> = z.enum(['v4', 'v7'])
