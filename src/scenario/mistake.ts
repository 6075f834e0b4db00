import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { fieldNames } from './shape.ts'

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

/** What zod finds wrong with a value at a place; `names` are what a misspelt field may have meant. */
export function shapeMistakes(
  shape: z.ZodType,
  value: unknown,
  place: string,
  names: readonly string[] = fieldNames,
): readonly Mistake[] {
  const parsed = shape.safeParse(value, { reportInput: true })
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => issueMistakes(issue, place, names))
}

function issueMistakes(issue: z.core.$ZodIssue, root: string, names: readonly string[]): readonly Mistake[] {
  const place = issue.path.reduce<string>(
    (path, key) => (typeof key === 'number' ? `${path}[${key}]` : joined(path, String(key))),
    root,
  )
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ place: joined(place, key), what: unknownField(key, names) }))
  }
  return [{ place: place || 'default export', what: issueText(issue) }]
}

const joined = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

function unknownField(key: string, names: readonly string[]): string {
  const nearest = closest(key, names)
  return distance(key, nearest) <= 2 && nearest !== key
    ? `unknown field; did you mean ${nearest}?`
    : 'unknown field here; take it out'
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is missing'
  if (issue.code === 'invalid_type') return `must be ${issue.expected}, not ${kindOf(issue.input)}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code === 'too_small' && !issue.message.startsWith('must'))
    return `must be at least ${issue.minimum}`
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
