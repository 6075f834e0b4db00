import { indexOfFact, metricForm, metricNames } from './budget.ts'
import { closest } from 'fastest-levenshtein'
import type { ExpandedVariant } from './expand.ts'
import { fieldsOf, itemsOf, unknownName, type Fields, type Mistake } from './mistake.ts'

/** What budgets may name: the measured variants and the operations of a scenario. */
export interface BudgetNames {
  readonly variants: readonly Pick<ExpandedVariant, 'id' | 'analyzedTwin'>[]
  readonly operations: readonly { readonly id: string; readonly kind: string }[]
}

const facts = ['no temp b-tree', 'no full scan', 'uses']
const factNames = "'no temp b-tree', 'no full scan' or 'uses <index>'"

/** What is wrong with budgets of the right form; with `names`, also whether they refer to what is there. */
export function budgetMistakes(value: unknown, place: string, names?: BudgetNames): readonly Mistake[] {
  const budgets = itemsOf(value).map(fieldsOf)
  return budgets.flatMap((budget, index) => [
    ...(Object.keys(budget).length === 0 ? [] : oneBudgetMistakes(budget, names)).map((mistake) => ({
      place: `${place}[${index}]${mistake.place === '' ? '' : `.${mistake.place}`}`,
      what: mistake.what,
    })),
    ...repeatedLimits(budgets, index, place),
  ])
}

const oneBudgetMistakes = (budget: Fields, names: BudgetNames | undefined): readonly Mistake[] => [
  ...scopeMistakes(budget),
  ...planMistakes(budget['plan']),
  ...(names === undefined ? [] : nameMistakes(budget, names)),
]

/** A budget limits something, and either an operation or a file. */
function scopeMistakes(budget: Fields): readonly Mistake[] {
  const metrics = metricNames.filter((metric) => budget[metric] !== undefined)
  const ofOperation = metrics.filter((metric) => metricForm(metric).of === 'operation')
  const ofVariant = metrics.filter((metric) => metricForm(metric).of === 'variant')
  const hasOperation = budget['operation'] !== undefined
  return [
    ...(Object.keys(budget).every((key) => key === 'variant' || key === 'operation')
      ? [{ place: '', what: `limits nothing; give it one of ${metricNames.join(', ')}` }]
      : []),
    ...(hasOperation
      ? ofVariant.map((place) => ({
          place,
          what: 'is of a whole file; put it into a budget without an operation',
        }))
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
    ...metricNames.flatMap((metric) => {
      const { only } = metricForm(metric)
      if (budget[metric] === undefined || kind === undefined || only === undefined || kind === only.kind)
        return []
      return [{ place: metric, what: `${only.why}, but ${String(operation)} ${kind}s` }]
    }),
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
  return metricNames.flatMap((metric) => {
    if (budget[metric] === undefined) return []
    const first = budgets.findIndex((other) => alike(other) && other[metric] !== undefined)
    return first < index
      ? [{ place: `${list}[${index}].${metric}`, what: `is limited by ${list}[${first}] already` }]
      : []
  })
}
