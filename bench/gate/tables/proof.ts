import { slowdownTitles, type SlowdownKind } from '../records/cells.ts'
import { binomialBounds, formatCountOf, formatRate } from './rate-text.ts'
import {
  gatesWith,
  isFound,
  largestSlowdown,
  measuredRatio,
  measuredConditions,
  secondsToVerdict,
  tenPercent,
  gatesOf,
} from '../records/real-gates.ts'
import type { CampaignRecord } from '../records/records.ts'
import type { DoseCell, ResampledGates } from '../resample/resampled-gates.ts'

/** A figure that the gate is to be proven with, beside what was found. */
export interface ProofLine {
  readonly figure: string
  readonly target: string
  readonly found: string
  readonly met: boolean
}

/** The figures that the gate is to be proven with. */
export function proof(records: readonly CampaignRecord[], resampled: ResampledGates): readonly ProofLine[] {
  return [...realProof(records), ...resampledProof(resampled), ...tailProof(records), timeProof(records)]
}

function realProof(records: readonly CampaignRecord[]): readonly ProofLine[] {
  const equal = gatesWith(records, ['none'])
  const falseAlarms = equal.filter(({ status }) => status === 'fail').length
  const slowed = gatesWith(records, tenPercent)
  const found = slowed.filter(isFound).length
  const bounds = {
    falseAlarm: binomialBounds(falseAlarms, equal.length, 0.05).high,
    detection: binomialBounds(found, slowed.length, 0.05).low,
  }
  const small = slowed.filter((gate) => measuredRatio(gate) <= largestSlowdown)
  const foundSmall = small.filter(isFound).length
  const halves = tenPercent.map((slowdown) => gatesWith(records, [slowdown]).length)
  return [
    {
      figure: 'real gates of equal sides, in three conditions',
      target: '≥ 100',
      found: `${equal.length} in ${measuredConditions(equal).length}`,
      met: equal.length >= 100 && measuredConditions(equal).length === 3,
    },
    {
      figure: 'of these, FAIL',
      target: '0',
      found: `${falseAlarms} (with 95 % confidence ≤ ${formatRate(bounds.falseAlarm)})`,
      met: falseAlarms === 0 && equal.length > 0,
    },
    {
      figure: 'real gates with +10 % at P95, half by delay, half by SQL work',
      target: '≥ 60',
      found: `${slowed.length} (${halves.join(' + ')})`,
      met: slowed.length >= 60 && Math.abs((halves[0] ?? 0) - (halves[1] ?? 0)) <= slowed.length / 20,
    },
    {
      figure: 'of these, not found',
      target: '0, or detection ≥ 95 % with 95 % confidence',
      found: `${slowed.length - found} (detection ≥ ${formatRate(bounds.detection)})`,
      met: slowed.length > 0 && (found === slowed.length || bounds.detection >= 0.95),
    },
    {
      figure: `of these, with an injected slowdown that measured at most +${Math.round((largestSlowdown - 1) * 100)} % there, not found`,
      target: 'the same',
      found: `${small.length - foundSmall} of ${small.length} (detection ≥ ${formatRate(binomialBounds(foundSmall, small.length, 0.05).low)})`,
      met:
        small.length > 0 &&
        (foundSmall === small.length || binomialBounds(foundSmall, small.length, 0.05).low >= 0.95),
    },
  ]
}

function resampledProof({ pools, fromAll, fromOneGate }: ResampledGates): readonly ProofLine[] {
  const cells = [...fromAll, ...fromOneGate]
  const at = (dose: number): readonly DoseCell[] => cells.filter((cell) => cell.dose === dose)
  const fewest = Math.min(...[...pools.values()].map((pool) => pool.length))
  const gates = Math.min(...cells.map(({ simulated }) => simulated.gates))
  const falseAlarms = highest(at(0), ({ statuses }) => statuses.fail)
  const missed = highest(at(0.1), (simulated) => simulated.gates - simulated.found)
  const open = highest(cells, ({ statuses }) => statuses.inconclusive)
  return [
    {
      figure: 'recorded rounds in each of three conditions',
      target: '≥ 60',
      found: `${fewest} or more`,
      met: pools.size === 3 && fewest >= 60,
    },
    {
      figure: 'simulated gates a cell',
      target: '≥ 5,000',
      found: gates.toLocaleString('en-US'),
      met: cells.length > 0 && gates >= 5000,
    },
    {
      figure: 'resampled: false alarms, worst cell',
      target: '≤ 1 %',
      found: `${formatRate(falseAlarms.share)} (${falseAlarms.where}), with 95 % confidence ≤ ${formatRate(falseAlarms.atMost)}`,
      met: falseAlarms.atMost <= 0.01,
    },
    {
      figure: 'resampled: an exact +10 % is found, worst cell',
      target: '≥ 95 %',
      found: `${formatRate(1 - missed.share)} (${missed.where}), with 95 % confidence ≥ ${formatRate(1 - missed.atMost)}`,
      met: missed.atMost <= 0.05,
    },
    {
      figure: 'resampled: INCONCLUSIVE, worst cell of all changes',
      target: '≤ 5 %',
      found: `${formatRate(open.share)} (${open.where}), with 95 % confidence ≤ ${formatRate(open.atMost)}`,
      met: open.atMost <= 0.05,
    },
  ]
}

/** The cell with the highest rate of something, and the upper bound there. */
function highest(
  cells: readonly DoseCell[],
  hitsOf: (simulated: DoseCell['simulated']) => number,
): { readonly share: number; readonly atMost: number; readonly where: string } {
  const rates = cells.map(({ condition, dose, simulated }) => {
    const hits = hitsOf(simulated)
    const { high } = binomialBounds(hits, simulated.gates, 0.05)
    const change = dose === 0 ? '' : `, +${Math.round(dose * 100)} %`
    return { share: hits / simulated.gates, atMost: high, where: `${condition}${change}` }
  })
  return rates.toSorted((a, b) => b.share - a.share)[0] ?? { share: NaN, atMost: 1, where: 'nothing' }
}

function tailProof(records: readonly CampaignRecord[]): readonly ProofLine[] {
  const line = (slowdown: SlowdownKind): ProofLine => {
    const gates = gatesWith(records, [slowdown])
    const mustFail = slowdown !== 'held-3'
    const fired = gates.filter(mustFail ? isFound : ({ status }) => status === 'fail').length
    return {
      figure: `real gates with an injected slowdown, ${slowdownTitles[slowdown]}: FAIL`,
      target: mustFail ? 'all' : 'none',
      found: formatCountOf(fired, gates.length),
      met: gates.length > 0 && fired === (mustFail ? gates.length : 0),
    }
  }
  return (['held-7', 'held-3', 'stall'] as const).map(line)
}

function timeProof(records: readonly CampaignRecord[]): ProofLine {
  const { median, p95 } = secondsToVerdict(gatesOf(records))
  return {
    figure: 'seconds to the verdict of three operations, median and P95',
    target: '≤ 75 and ≤ 150',
    found: `${median.toFixed(0)} and ${p95.toFixed(0)}`,
    met: median <= 75 && p95 <= 150,
  }
}
