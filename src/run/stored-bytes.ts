import type { BytesOf } from '../scenario/scenario.ts'
import type { VariantRun } from './run.ts'

/**
 * Bytes of a variant's database: the whole file, all tables, all indexes (those of primary keys and UNIQUE
 * included), or named objects. Undefined when a named object is not there.
 */
export function storedBytes(variant: VariantRun, of: BytesOf): number | undefined {
  if (of === 'file') return variant.fileBytes
  if (of === 'tables') return sum(variant.objects.filter(({ kind }) => kind === 'table'))
  if (of === 'indexes') return sum(variant.objects.filter(({ kind }) => kind === 'index'))
  const named = of.map((name) => variant.objects.find((object) => object.name === name))
  return named.every((object) => object !== undefined) ? sum(named) : undefined
}

const sum = (objects: readonly { readonly bytes: number }[]): number =>
  objects.reduce((total, { bytes }) => total + bytes, 0)
