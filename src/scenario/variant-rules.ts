import { defaultDriver } from '../target/drivers.ts'
import { fieldsOf, itemsOf, unknownName, type Fields, type Mistake } from './mistake.ts'

/** What the variants of a scenario say against each other. */
export function variantMistakes(values: readonly unknown[]): readonly Mistake[] {
  const variants = values.map(fieldsOf)
  const ids = variants.map(({ id }) => id).filter((id) => typeof id === 'string')
  return variants.flatMap((variant, index) => {
    const place = `variants[${index}]`
    return [
      ...roleMistakes(variant, index),
      ...versusMistakes(variant, index, ids),
      ...migrationMistakes(variant),
    ].map(({ place: field, what }) => ({ place: `${place}.${field}`, what }))
  })
}

function roleMistakes({ role, driver }: Fields, index: number): readonly Mistake[] {
  const what =
    index === 0 && role !== 'baseline'
      ? 'must be baseline: the first variant is what the others are compared with'
      : index > 0 && role === 'baseline'
        ? 'baseline is the role of the first variant alone'
        : role === 'driver' && (driver ?? defaultDriver) === defaultDriver
          ? `is driver, but its driver is ${defaultDriver}, as by default; name the other one, such as driver: '@libsql/client'`
          : undefined
  return what === undefined || role === undefined ? [] : [{ place: 'role', what }]
}

function versusMistakes({ id, versus }: Fields, index: number, ids: readonly string[]): readonly Mistake[] {
  if (versus === undefined) return []
  if (index === 0) return [{ place: 'versus', what: 'the baseline is compared with nothing; leave it out' }]
  if (versus === id) return [{ place: 'versus', what: 'a variant cannot be compared with itself' }]
  return unknownName(versus, ids, 'versus', 'variant')
}

function migrationMistakes({ migrations }: Fields): readonly Mistake[] {
  const names = itemsOf(migrations)
  return names.flatMap((name, index) => {
    const place = `migrations[${index}]`
    if (name === 'initial') return [{ place, what: 'initial is applied in any case; leave it out' }]
    return typeof name === 'string' && names.indexOf(name) < index
      ? [{ place, what: `${name} is named twice` }]
      : []
  })
}
