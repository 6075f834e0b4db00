import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'

/** One mistake in a file of a user: where, such as `operations[2].sql`, and what. */
export interface Mistake {
  readonly place: string
  readonly what: string
}

/** An object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>

/** The fields of a value that should be an object; none when it is not, so that other checks can go on. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

/** The items of a value that should be a list; none when it is not. */
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** What zod finds wrong with a value at a place. */
export function shapeMistakes(schema: z.ZodType, value: unknown, place: string): readonly Mistake[] {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return []
  const form = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })
  const mistakesOf = (issue: z.core.$ZodIssue, above: Path): readonly Mistake[] => {
    const path = [...above, ...issue.path]
    if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
      return meantIssues(issue.errors).flatMap((each) => mistakesOf(each, path))
    }
    if (issue.code === 'unrecognized_keys') {
      const names = namesAt(form, path)
      return issue.keys.map((key) => ({
        place: placeAt(place, [...path, key]),
        what: unknownField(key, names),
      }))
    }
    return [{ place: placeAt(place, path) || 'default export', what: issueText(issue) }]
  }
  return parsed.error.issues.flatMap((issue) => mistakesOf(issue, []))
}

type Path = readonly PropertyKey[]

/** Names of the fields that a JSON Schema has at a path, of all forms that may stand there. */
function namesAt(form: unknown, [key, ...rest]: Path): readonly string[] {
  const { properties, items, additionalProperties, anyOf } = fieldsOf(form)
  if (Array.isArray(anyOf))
    return anyOf.flatMap((each) => namesAt(each, key === undefined ? [] : [key, ...rest]))
  if (key === undefined) return Object.keys(fieldsOf(properties))
  return namesAt(
    typeof key === 'number' ? items : (fieldsOf(properties)[String(key)] ?? additionalProperties),
    rest,
  )
}

/** A path as messages show it; a key that is no word stands in quotes. */
export const placeAt = (root: string, path: Path): string =>
  path.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`
    if (place === '') return String(key)
    return /^[\w-]+$/.test(String(key)) ? `${place}.${String(key)}` : `${place}['${String(key)}']`
  }, root)

/**
 * The issues of the form that a value of several forms comes nearest to; a literal that tells forms apart may be that of
 * any of them.
 */
function meantIssues(forms: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const nearest = forms.toSorted((a, b) => distanceOf(a) - distanceOf(b))[0] ?? []
  return nearest.map((issue) =>
    isOtherForm(issue)
      ? {
          ...issue,
          values: forms.flatMap((form) =>
            form
              .filter(isOtherForm)
              .flatMap(({ path, values }) => (path.join() === issue.path.join() ? values : [])),
          ),
        }
      : issue,
  )
}

type LiteralIssue = Extract<z.core.$ZodIssue, { code: 'invalid_value' }>

const isOtherForm = (issue: z.core.$ZodIssue): issue is LiteralIssue =>
  issue.code === 'invalid_value' && issue.values.length === 1

const distanceOf = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.reduce((sum, issue) => sum + (isOtherForm(issue) ? 10 : 'keys' in issue ? issue.keys.length : 1), 0)

function unknownField(key: string, names: readonly string[]): string {
  const nearest = names.length === 0 ? key : closest(key, names)
  return distance(key, nearest) <= 2 && nearest !== key
    ? `unknown field; did you mean ${nearest}?`
    : 'unknown field here; take it out'
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is missing'
  if (issue.message.startsWith('must')) return issue.message
  if (issue.code === 'invalid_type') return `must be ${issue.expected}, not ${kindOf(issue.input)}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`
  return issue.message
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' && !Number.isInteger(value)) return String(value)
  return typeof value
}

/** A mistake for every id that an earlier item of the list has already. */
export function repeatedIds(items: readonly unknown[], list: string, key = 'id'): readonly Mistake[] {
  const ids = items.map((item) => fieldsOf(item)[key])
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id)
    return typeof id === 'string' && first < index
      ? [{ place: `${list}[${index}].${key}`, what: `${id} is taken by ${list}[${first}]` }]
      : []
  })
}

/** A mistake unless `name` is among `names`, with the nearest one. */
export function unknownName(
  name: unknown,
  names: readonly string[],
  place: string,
  noun: string,
): readonly Mistake[] {
  if (typeof name !== 'string' || names.includes(name)) return []
  const hint = names.length > 0 ? `; did you mean ${closest(name, names)}?` : ''
  return [{ place, what: `no ${noun} ${name}${hint}` }]
}

/** All mistakes of a file as one message: a line, or a heading and a line each. */
export function mistakesText(mistakes: readonly Mistake[], path: string): string {
  const lines = mistakes.map(({ place, what }) => `${path}: ${place}: ${what}`)
  return lines.length === 1
    ? (lines[0] ?? '')
    : [`${path}: ${lines.length} mistakes`, ...lines.map((line) => `  ${line}`)].join('\n')
}
