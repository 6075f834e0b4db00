import { z } from 'zod'
import { budgetMetrics, indexOfFact } from './budget.ts'
import { closest } from 'fastest-levenshtein'
import type { ExpandedVariant } from './expand.ts'
import { fieldsOf, itemsOf, shapeMistakes, unknownName, type Fields, type Mistake } from './mistake.ts'

/** What budgets may name: the measured variants and the operations of a scenario. */
export interface BudgetNames {
  readonly variants: readonly Pick<ExpandedVariant, 'id' | 'analyzedTwin'>[]
  readonly operations: readonly { readonly id: string; readonly kind: string }[]
}

const above0 = z.number().gt(0, 'must be above 0')
const limits = {
  p95Us: above0,
  opsPerSec: above0,
  rowsRead: above0,
  vmSteps: above0,
  fullScanSteps: z.number().gte(0, 'must be 0 or more'),
  walBytes: above0,
  bytes: above0,
  plan: z.array(z.string()).min(1, 'must not be empty; leave it out for none'),
}
const shape = z.looseObject({
  variant: z.string(),
  operation: z.string().optional(),
  ...Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, limit.optional()])),
})

const facts = ['no temp b-tree', 'no full scan', 'uses']
const factNames = "'no temp b-tree', 'no full scan' or 'uses <index>'"

/** What is wrong with budgets; with `names`, also whether they refer to what is there. */
export function budgetMistakes(value: unknown, place: string, names?: BudgetNames): readonly Mistake[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return shapeMistakes(z.array(z.unknown()), value, place)
  const budgets = itemsOf(value)
  return budgets.flatMap((budget, index) => [
    ...oneBudgetMistakes(budget, `${place}[${index}]`, names),
    ...repeatedLimits(budgets.map(fieldsOf), index, place),
  ])
}

function oneBudgetMistakes(
  value: unknown,
  place: string,
  names: BudgetNames | undefined,
): readonly Mistake[] {
  const shaped = shapeMistakes(shape, value, place)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return shaped
  const budget = fieldsOf(value)
  const inBudget = [
    ...unknownMetrics(budget),
    ...scopeMistakes(budget),
    ...planMistakes(budget['plan']),
    ...(names === undefined ? [] : nameMistakes(budget, names)),
  ]
  return [
    ...shaped,
    ...inBudget.map(({ place: field, what }) => ({
      place: field === '' ? place : `${place}.${field}`,
      what,
    })),
  ]
}

function unknownMetrics(budget: Fields): readonly Mistake[] {
  const known = ['variant', 'operation', ...budgetMetrics]
  return Object.keys(budget).flatMap((key) => unknownName(key, known, key, 'metric'))
}

/** A budget limits something, and either an operation or a file. */
function scopeMistakes(budget: Fields): readonly Mistake[] {
  const metrics = budgetMetrics.filter((metric) => budget[metric] !== undefined)
  const ofOperation = metrics.filter((metric) => metric !== 'bytes')
  const hasOperation = budget['operation'] !== undefined
  return [
    ...(Object.keys(budget).every((key) => key === 'variant' || key === 'operation')
      ? [{ place: '', what: `limits nothing; give it one of ${budgetMetrics.join(', ')}` }]
      : []),
    ...(hasOperation && metrics.includes('bytes')
      ? [{ place: 'bytes', what: 'is of a whole file; put it into a budget without an operation' }]
      : []),
    ...(!hasOperation && ofOperation.length > 0
      ? [{ place: 'operation', what: `is missing, and ${ofOperation.join(', ')} is of an operation` }]
      : []),
  ]
}

function planMistakes(plan: unknown): readonly Mistake[] {
  return itemsOf(plan).flatMap((fact, index) => {
    const isKnown = fact === 'no temp b-tree' || fact === 'no full scan'
    if (typeof fact !== 'string' || isKnown || indexOfFact(fact) !== undefined) return []
    const nearest = closest(fact, facts)
    const meant = nearest === 'uses' ? 'uses <index>' : nearest
    return [
      {
        place: `plan[${index}]`,
        what: `no fact «${fact}»; did you mean '${meant}'? It is one of ${factNames}`,
      },
    ]
  })
}

function nameMistakes(budget: Fields, { variants, operations }: BudgetNames): readonly Mistake[] {
  const { variant, operation } = budget
  const namesOf = (all: readonly { readonly id: string }[]): readonly string[] => all.map(({ id }) => id)
  const kind = operations.find(({ id }) => id === operation)?.kind
  const twin = variants.find(({ id }) => id === variant)?.analyzedTwin ?? null
  return [
    ...unknownName(variant, namesOf(variants), 'variant', 'variant'),
    ...unknownName(operation, namesOf(operations), 'operation', 'operation'),
    ...(budget['walBytes'] !== undefined && kind === 'read'
      ? [{ place: 'walBytes', what: `is the cost of a write, but ${String(operation)} reads` }]
      : []),
    ...(budget['rowsRead'] !== undefined && kind === 'write'
      ? [{ place: 'rowsRead', what: `is counted for reads, but ${String(operation)} writes` }]
      : []),
    ...(kind === 'write' && twin !== null
      ? [{ place: 'variant', what: `writes are measured with statistics alone; write ${twin}` }]
      : []),
  ]
}

/** The same limit twice in one list: which one is meant? */
function repeatedLimits(budgets: readonly Fields[], index: number, list: string): readonly Mistake[] {
  const budget = budgets[index] ?? {}
  const alike = ({ variant, operation }: Fields): boolean =>
    variant === budget['variant'] && operation === budget['operation']
  return budgetMetrics.flatMap((metric) => {
    if (budget[metric] === undefined) return []
    const first = budgets.findIndex((other) => alike(other) && other[metric] !== undefined)
    return first < index
      ? [{ place: `${list}[${index}].${metric}`, what: `is limited by ${list}[${first}] already` }]
      : []
  })
}
