import { UsageError } from '../core/errors.ts'
import type { GateOptions } from './gate-options.ts'

type OptionName = keyof GateOptions

/** Flags that leave others nothing to say, and why. */
const exclusions: readonly {
  readonly flag: OptionName
  readonly without: readonly OptionName[]
  readonly because: string
}[] = [
  {
    flag: 'from',
    without: [
      'countersOnly',
      'saveBaseline',
      'candidate',
      'operations',
      'tolerance',
      'smallestEffect',
      'operationMs',
      'quantile',
      'maxSeconds',
      'orderSeed',
      'scale',
      'seed',
      'out',
    ],
    because: 'a stored Run is judged as it was measured',
  },
  {
    flag: 'saveBaseline',
    without: ['countersOnly', 'baseline', 'candidate', 'operations', 'report', 'force', 'out'],
    because: 'a baseline is saved, and nothing judged',
  },
  {
    flag: 'countersOnly',
    without: ['candidate', 'operations', 'scale', 'seed'],
    because: 'counters are compared for everything in the baseline, with its scale and seed',
  },
]

/** Flags that only a measurement of time reads. */
const timeFlags: readonly OptionName[] = [
  'tolerance',
  'smallestEffect',
  'operationMs',
  'quantile',
  'maxSeconds',
  'orderSeed',
]

/**
 * Refuses flags and arguments that would be ignored: what was asked for must count.
 * @throws UsageError GATE_ARGUMENTS
 */
export function refuseSenseless(scenarios: readonly string[], options: GateOptions): void {
  const { chosen, saveBaseline, from } = options
  for (const { flag, without, because } of exclusions) {
    const second = chosen.has(flag) ? without.find((name) => chosen.has(name)) : undefined
    if (second !== undefined)
      throw senseless(`${dashed(second)} says nothing beside ${dashed(flag)}: ${because}`)
  }
  if (scenarios.length === 1) refuseSideFlags(options)
  if (from !== undefined && scenarios.length > 0) {
    throw senseless(`${scenarios[0] ?? ''} says nothing beside --from: the Run holds its scenarios`)
  }
  if (typeof saveBaseline === 'string' && !saveBaseline.endsWith('.json')) {
    throw senseless(
      `--save-baseline ${saveBaseline}: name a file that ends in .json, and scenarios before the flag, such as gate indexes/composite --save-baseline`,
    )
  }
  refuseTimeFlags(options)
  if (options.countersOnly === true && options.baseline !== undefined && !isStoredRun(options.baseline)) {
    throw senseless(
      `--baseline ${options.baseline}: with --counters-only it is a stored Run, a file that ends in .json`,
    )
  }
}

function refuseTimeFlags({ chosen, countersOnly, saveBaseline, baseline, from, force }: GateOptions): void {
  const stored = from === undefined && isStoredRun(baseline)
  const counters = countersOnly === true || stored
  const unused = [...timeFlags, ...(stored ? (['operations', 'scale', 'seed'] as const) : [])]
  const found = unused.find((name) => chosen.has(name))
  if (found !== undefined && (counters || saveBaseline !== undefined)) {
    throw senseless(`${dashed(found)} says nothing of counters against a stored Run; leave it out`)
  }
  if (force === true && !counters && from === undefined) {
    throw senseless('--force says nothing here: what is measured side by side is alike')
  }
}

/** Flags that only two sides read. */
const sideFlags: readonly OptionName[] = [
  'tolerance',
  'smallestEffect',
  'quantile',
  'orderSeed',
  'authTokenEnv',
  'baselineAuthTokenEnv',
]

/** Where there are no sides, no stored Run and nothing to store, the budgets of a scenario are judged. */
function refuseSideFlags({ chosen }: GateOptions): void {
  const others: readonly OptionName[] = ['from', 'saveBaseline', 'countersOnly', 'baseline', 'candidate']
  const found = others.some((name) => chosen.has(name))
    ? undefined
    : sideFlags.find((name) => chosen.has(name))
  if (found === undefined) return
  throw senseless(`${dashed(found)} says nothing of budgets: it is for two sides, --baseline and --candidate`)
}

/** Whether a side is a stored Run, whose counters can be judged and whose times cannot. */
export const isStoredRun = (side: string | undefined): boolean => side?.endsWith('.json') === true

const senseless = (message: string): UsageError => new UsageError('GATE_ARGUMENTS', message)

const dashed = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
