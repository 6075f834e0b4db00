import { z } from 'zod'

/**
 * Types of schemas, so that a form is written once: the docstrings on the fields of a schema are those of the type, which
 * `z.infer` drops, everything is read-only, and what is optional is left out rather than undefined.
 */
export type Infer<Schema> =
  Schema extends z.ZodOptional<infer Inner>
    ? Infer<Inner>
    : Schema extends z.ZodArray<infer Item>
      ? readonly Infer<Item>[]
      : Schema extends z.ZodRecord<infer Key, infer Value>
        ? Readonly<Record<z.output<Key> & PropertyKey, Infer<Value>>>
        : z.output<Schema>

/** The object that fields make: `interface Variant extends FieldsOf<typeof variantFields> {}` keeps their docstrings. */
export type FieldsOf<Fields> = Flat<
  Required<Fields, Exclude<keyof Fields, OptionalKey<Fields>>> & Optional<Fields, OptionalKey<Fields>>
>
type OptionalKey<Fields> = {
  [Key in keyof Fields]: Fields[Key] extends z.ZodOptional ? Key : never
}[keyof Fields]
type Required<Fields, Keys extends keyof Fields> = { readonly [Key in Keys]: Infer<Fields[Key]> }
type Optional<Fields, Keys extends keyof Fields> = { readonly [Key in Keys]?: Infer<Fields[Key]> }
type Flat<T> = T extends infer Each ? { [Key in keyof Each]: Each[Key] } : never

/** An object of these fields and no others. */
export const objectOf = <Fields extends Readonly<Record<string, z.ZodType>>>(
  fields: Fields,
): z.ZodType<FieldsOf<Fields>> => z.strictObject(fields) as unknown as z.ZodType<FieldsOf<Fields>>

/** As `objectOf`, of a file that a later version may have written: fields that are not known are dropped. */
export const knownFieldsOf = <Fields extends Readonly<Record<string, z.ZodType>>>(
  fields: Fields,
): z.ZodType<FieldsOf<Fields>> => z.object(fields) as unknown as z.ZodType<FieldsOf<Fields>>

/** A function of this type; of what it takes and returns nothing is checked. */
export const functionOf = <F>(): z.ZodType<F> =>
  z.custom<F>((value) => typeof value === 'function', 'must be a function')

/** A text with something in it. */
export const text = z.string().regex(/\S/, 'must not be empty')

export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T
