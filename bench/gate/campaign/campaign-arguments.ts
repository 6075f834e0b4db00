import { parseArgs } from 'node:util'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../../../src/core/errors.ts'
import { conditions, type Condition } from './condition.ts'

/** What `npm run validate:gate` is asked to do. */
export interface CampaignArguments {
  readonly folder: string
  readonly shard: { readonly number: number; readonly of: number }
  readonly gates: number
  readonly minutes: number
  readonly conditions: readonly Condition[]
  /** Simulated gates a cell. */
  readonly simulated: number
  /** Records from elsewhere to take into the folder, instead of measuring. */
  readonly importFrom: string | undefined
  readonly commit: string | undefined
  /** Compute the tables alone. */
  readonly tables: boolean
  readonly fixture: string | undefined
}

/**
 * Reads the command line.
 * @throws UsageError CAMPAIGN_ARGUMENTS for what is not understood
 */
export function campaignArguments(argv: readonly string[]): CampaignArguments {
  const values = parsed(argv)
  const [, number = '', of = ''] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(values.shard) ?? []
  if (!(Number(number) <= Number(of)) || of === '') {
    throw new UsageError(
      'CAMPAIGN_ARGUMENTS',
      `--shard ${values.shard}: write the number and how many, such as 1/2`,
    )
  }
  return {
    folder: values.folder,
    shard: { number: Number(number), of: Number(of) },
    gates: countOf('gates', values.gates),
    minutes: countOf('minutes', values.minutes),
    conditions: values.conditions.split(',').map(conditionOf),
    simulated: countOf('simulated', values.simulated),
    importFrom: values.import,
    commit: values.commit,
    tables: values.tables,
    fixture: values.fixture,
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        folder: { type: 'string', default: 'reports/validation/gate' },
        shard: { type: 'string', default: '1/1' },
        gates: { type: 'string', default: '200' },
        minutes: { type: 'string', default: '60' },
        conditions: { type: 'string', default: conditions.join(',') },
        simulated: { type: 'string', default: '6000' },
        import: { type: 'string' },
        commit: { type: 'string' },
        tables: { type: 'boolean', default: false },
        fixture: { type: 'string' },
      },
    }).values
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('CAMPAIGN_ARGUMENTS', words, { cause })
  }
}

function countOf(flag: string, text: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError('CAMPAIGN_ARGUMENTS', `--${flag} ${text}: write a whole number`)
  return Number(text)
}

function conditionOf(text: string): Condition {
  const condition = conditions.find((each) => each === text)
  if (condition !== undefined) return condition
  const near = closest(text, [...conditions])
  throw new UsageError(
    'CAMPAIGN_ARGUMENTS',
    `--conditions ${text}: did you mean ${near}? There are ${conditions.join(', ')}`,
  )
}
