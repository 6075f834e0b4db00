import { fieldsOf, type Fields, type Mistake } from './mistake.ts'
import { statementShape, type StatementShape } from './statement.ts'

const verbsOf: Readonly<Record<string, readonly string[]>> = {
  read: ['SELECT', 'VALUES'],
  write: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE'],
}

/** What the fields of one operation say against each other and about its SQL. */
export function operationMistakes(value: unknown, place: string): readonly Mistake[] {
  const operation = fieldsOf(value)
  return [
    ...(typeof operation['sql'] === 'string' && operation['sql'].trim() !== ''
      ? sqlMistakes(operation, statementShape(operation['sql'])).map((what) => ({
          place: `${place}.sql`,
          what,
        }))
      : []),
    ...rowMistakes(operation, place),
    ...whereMistakes(operation, place),
    ...drawSqlMistakes(operation, place),
  ]
}

function sqlMistakes(operation: Fields, shape: StatementShape): readonly string[] {
  if (shape.statements !== 1) return [`${shape.statements} statements, but an operation is exactly one`]
  return [
    ...verbMistakes(operation, shape),
    ...placeholderMistakes(operation, shape),
    ...orderMistakes(operation, shape),
  ]
}

function verbMistakes({ kind }: Fields, { verb }: StatementShape): readonly string[] {
  const allowed = typeof kind === 'string' && Object.hasOwn(verbsOf, kind) ? verbsOf[kind] : undefined
  const verbs = allowed ?? Object.values(verbsOf).flat()
  if (verbs.includes(verb)) return []
  const what = allowed === undefined ? 'an operation' : `a ${String(kind)}`
  return [`${verb || 'this'} is not for ${what}, which must be ${verbs.join(', ')} (or WITH … of these)`]
}

function placeholderMistakes(operation: Fields, shape: StatementShape): readonly string[] {
  if (shape.otherPlaceholders.length > 0) {
    return [`${shape.otherPlaceholders.join(', ')}: write each placeholder as a plain ?`]
  }
  const columns = fieldsOf(operation['draw'])['columns']
  if (operation['args'] !== undefined || !Array.isArray(columns) || columns.length === shape.placeholders)
    return []
  return [
    `${counted(shape.placeholders, 'placeholder')} but draw gives ${counted(columns.length, 'column')} and there is no args`,
  ]
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

function orderMistakes(operation: Fields, shape: StatementShape): readonly string[] {
  if (operation['kind'] !== 'read') return []
  const most = fieldsOf(operation['rows'])['max']
  return [
    ...(shape.hasLimit && !shape.hasOrderBy
      ? [
          'LIMIT without ORDER BY: which rows come back is undefined, so variants may rightly differ; add ORDER BY',
        ]
      : []),
    ...(operation['orderedBy'] !== undefined && !shape.hasOrderBy
      ? ['orderedBy is given, but there is no ORDER BY']
      : []),
    ...(shape.limit !== undefined && typeof most === 'number' && most > shape.limit
      ? [`rows.max is ${most}, but LIMIT ${shape.limit} returns at most ${shape.limit}`]
      : []),
  ]
}

function rowMistakes(operation: Fields, place: string): readonly Mistake[] {
  const { min, max } = fieldsOf(operation['rows'])
  return typeof min === 'number' && typeof max === 'number' && min > max
    ? [{ place: `${place}.rows`, what: `min ${min} is more than max ${max}` }]
    : []
}

function drawSqlMistakes(operation: Fields, place: string): readonly Mistake[] {
  const sql = fieldsOf(operation['draw'])['sql']
  if (typeof sql !== 'string') return []
  const shape = statementShape(sql)
  const marks = shape.placeholders + shape.otherPlaceholders.length
  return [
    ...(shape.statements === 1 && verbsOf['read']?.includes(shape.verb) ? [] : ['must be one SELECT']),
    ...(marks > 0 ? ['must not hold placeholders: nothing is bound to it'] : []),
  ].map((what) => ({ place: `${place}.draw.sql`, what }))
}

function whereMistakes(operation: Fields, place: string): readonly Mistake[] {
  const where = fieldsOf(operation['draw'])['where']
  if (typeof where !== 'string') return []
  const shape = statementShape(where)
  const marks = shape.placeholders + shape.otherPlaceholders.length
  return [
    ...(shape.statements > 1 ? ['must be one condition, without a semicolon'] : []),
    ...(marks > 0 ? ['must not hold placeholders: nothing is bound to it'] : []),
    ...(shape.verb === 'WHERE' ? ['must be the condition alone, without the word WHERE'] : []),
  ].map((what) => ({ place: `${place}.draw.where`, what }))
}
