import type { Run, ScenarioRun } from '../run.ts'

/** Where a baseline lies unless somebody says otherwise; meant to be committed. */
export const defaultBaselinePath = 'reports/baseline.json'

/**
 * A Run as a baseline keeps it: what a gate on counters compares, and no more. It is still a Run that every reader
 * accepts. The machine's load of that moment is left out, because nothing was timed and the file shall not change
 * without need.
 */
export const asBaseline = (run: Run): Run => ({
  ...run,
  environment: { ...run.environment, loadAverage: [] },
  scenarios: run.scenarios.map(comparedPart),
})

function comparedPart({ budgets: _budgets, cost: _cost, ...scenario }: ScenarioRun): ScenarioRun {
  return {
    ...scenario,
    why: '',
    variants: scenario.variants.map(({ cacheMemoryBytes: _memory, ...variant }) => ({
      ...variant,
      pragmas: {},
      indexBuilds: [],
    })),
    // The summary of a plan holds what its lines say.
    evidence: scenario.evidence.map((found) => ({
      ...found,
      plan: { ...found.plan, change: '', lines: [] },
    })),
    timings: [],
    clientWork: [],
    claims: [],
    warnings: [],
  }
}

/** Whether two baselines say the same of everything but of when and where they were made. */
export const saySame = (first: Run, second: Run): boolean => content(first) === content(second)

const content = ({ settings, environment, scenarios, status }: Run): string =>
  JSON.stringify(sorted({ settings, engine: environment.engine, scenarios, status }))

/** The order of keys says nothing: a reader may have put them in another. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}

/**
 * A baseline as JSON whose differences read well: an entry of a list stands on one line unless it holds lists of
 * entries itself. A line of a diff is then one operation on one variant, or one table or index. Ends with a newline.
 */
export const serializeBaseline = (run: Run): string => `${jsonAt(run, '', false)}\n`

function jsonAt(value: unknown, indent: string, isEntry: boolean): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (!holdsEntries(value)) return JSON.stringify(value)
    return `[\n${value.map((item) => inner + jsonAt(item, inner, true)).join(',\n')}\n${indent}]`
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, item]) => item !== undefined)
  if (isEntry && !members.some(([, item]) => Array.isArray(item) && holdsEntries(item))) {
    return JSON.stringify(value)
  }
  const lines = members.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${jsonAt(item, inner, false)}`)
  return `{\n${lines.join(',\n')}\n${indent}}`
}

const holdsEntries = (list: readonly unknown[]): boolean =>
  list.some((item) => typeof item === 'object' && item !== null)
