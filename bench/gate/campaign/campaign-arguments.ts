import { parseArgs } from 'node:util'
import { UsageError } from '../../../src/core/errors.ts'
import { conditions, type Condition } from './condition.ts'

/** What `npm run validate:gate` is asked to do. */
export interface CampaignArguments {
  readonly folder: string
  readonly gates: number
  readonly minutes: number
  readonly conditions: readonly Condition[]
  /** Simulated gates a cell. */
  readonly simulated: number
  /** Compute the tables alone. */
  readonly tables: boolean
}

/**
 * Reads the command line.
 * @throws UsageError CAMPAIGN_ARGUMENTS for what is not understood
 */
export function campaignArguments(argv: readonly string[]): CampaignArguments {
  const values = parsed(argv)
  return {
    folder: values.folder,
    gates: countOf('gates', values.gates),
    minutes: countOf('minutes', values.minutes),
    conditions: values.conditions.split(',').map(conditionOf),
    simulated: countOf('simulated', values.simulated),
    tables: values.tables,
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        folder: { type: 'string', default: 'reports/validation/gate' },
        gates: { type: 'string', default: '200' },
        minutes: { type: 'string', default: '60' },
        conditions: { type: 'string', default: conditions.join(',') },
        simulated: { type: 'string', default: '6000' },
        tables: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('CAMPAIGN_ARGUMENTS', message, { cause })
  }
}

function countOf(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new UsageError('CAMPAIGN_ARGUMENTS', `--${flag} ${text}: write a whole number`)
}

function conditionOf(text: string): Condition {
  const condition = conditions.find((each) => each === text)
  if (condition !== undefined) return condition
  throw new UsageError('CAMPAIGN_ARGUMENTS', `--conditions ${text}: there are ${conditions.join(', ')}`)
}
