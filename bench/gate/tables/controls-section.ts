import type { GateRule } from '../../../src/stats/decide-gate.ts'
import { hodgesLehmann } from '../../../src/stats/hodges-lehmann.ts'
import { signedRankInterval } from '../../../src/stats/signed-rank.ts'
import { campaignSubject } from '../records/cells.ts'
import { markdownTable } from '../../text/markdown-table.ts'
import {
  collapsed,
  distanceFromUniform,
  orderEffects,
  permutationShares,
  replayed,
} from '../resample/negative-controls.ts'
import { formatCountOf, formatLogRatio, formatRate, formatRateOf } from './rate-text.ts'
import { gatesOf, gatesWith } from '../records/real-gates.ts'
import type { CampaignRecord } from '../records/records.ts'
import { orderBias, type ControlCell } from '../resample/resampled-gates.ts'

/** Changes of the method that must show, and changes of the labels that must not. */
export function controlsSection(
  records: readonly CampaignRecord[],
  controls: readonly ControlCell[],
  rule: GateRule,
): string {
  const gates = gatesOf(records)
  const equal = gatesWith(records, ['none'])
  const shares = permutationShares(equal)
  const { distance, usual } = distanceFromUniform(shares)
  const below = (limit: number): string =>
    formatRate(shares.filter((share) => share <= limit).length / shares.length)
  const replay = replayed(gates, rule)
  const collapse = collapsed(equal, rule)
  return [
    '## Negative controls\n',
    `**Roles.** Which side is copied and opened first is a toss, round by round. An order effect, by which the second side takes ${formatLogRatio(orderBias)} in every round, must turn gates of equal sides red when the baseline always comes first, and must not when the roles are tossed. When the labels of gates with a slowdown are tossed again, round by round, the slowdown must vanish. Simulated gates, share of FAIL:\n`,
    markdownTable(
      ['', 'order effect, roles tossed', 'order effect, baseline always first', 'slowdowns, labels permuted'],
      controls.map(({ condition, tossed, fixed, permutedSlowdowns }) => [
        condition,
        ...[tossed, fixed, permutedSlowdowns].map((cell) =>
          cell === null ? '–' : formatRateOf(cell.statuses.fail, cell.gates),
        ),
      ]),
    ),
    `\nOrder effect in the recorded rounds (the second side against the first, 95 % interval): ${orderText(records)}.\n`,
    `**Label permutation.** Among all 256 assignments of the roles to the first eight rounds of a gate of equal sides, the share that looks as bad for the candidate or worse must be uniform: of ${shares.length} operations ${below(0.05)} lie at or below 5 %, ${below(0.5)} at or below 50 %; the largest distance from uniform is ${distance.toFixed(3)}, and chance leaves it below ${usual.toFixed(3)} in 95 of 100 (${distance < usual ? 'uniform as far as this tells' : '**not uniform**'}).\n`,
    `**Collapse.** A candidate that measured nothing in one operation makes ${formatCountOf(collapse.nothing, collapse.gates)} gates INVALID, one with too few samples for the quantile ${formatCountOf(collapse.tooLittle, collapse.gates)}. One that returns other rows, or none, is refused while rounds run (\`src/engine/experiment/timings.test.ts\`).\n`,
    `**Replay.** From the recorded rounds, the verdict of ${formatCountOf(replay.words, replay.gates)} gates follows again; from the recorded seeds, the roles of ${formatCountOf(replay.roles, replay.gates)}.`,
  ].join('\n')
}

function orderText(records: readonly CampaignRecord[]): string {
  return campaignSubject.operations
    .map((operation, place) => {
      const effects = orderEffects(gatesWith(records, ['none']), place)
      const interval = signedRankInterval(effects, 0.95, hodgesLehmann(effects))
      if (interval === undefined) return `${operation} –`
      const { estimate, low, high } = interval
      return `${operation} ${formatLogRatio(estimate)} [${formatLogRatio(low)}, ${formatLogRatio(high)}]`
    })
    .join(', ')
}
