import { campaignSubject, type Condition } from '../records/cells.ts'
import { askRule, commonRules } from '../resample/compare-rules.ts'
import { markdownTable } from '../../text/markdown-table.ts'
import { formatRate } from './rate-text.ts'
import { equalOperations, gatesWith, isFound, tenPercent } from '../records/real-gates.ts'
import type { CampaignRecord } from '../records/records.ts'
import type { ResampledGates } from '../resample/resampled-gates.ts'

/** How the rules that others gate with do on the same measurements. */
export function rulesSection(records: readonly CampaignRecord[], resampled: ResampledGates): string {
  const conditions = [...resampled.pools.keys()]
  return [
    '## Common rules on the same traces\n',
    `Recorded gates of equal sides, asked by each rule: as they are (a red answer is a false alarm), and with the candidate’s times of one operation multiplied by 1.10 (red is right). «gate»: any of ${campaignSubject.operations.length} operations is called slower; «operation»: one by itself. «stored» takes the baseline from another gate on this machine, half an hour or more away; stored numbers of another machine would be worse. A round, one process with all operations and both sides, took ${roundSeconds(records)} s. Comparisons share gates, so that these are shares without intervals.\n`,
    markdownTable(
      [
        'rule',
        'processes',
        ...conditions.flatMap((condition) => [`${condition}: false gate`, 'operation', '+10 % found']),
      ],
      [
        ...commonRules.map((entry) => [
          entry.title,
          String(entry.processes),
          ...conditions.flatMap((condition) => {
            const rates = askRule(entry, gatesWith(records, ['none'], condition))
            return [
              formatRate(rates.falseGates / rates.gates),
              formatRate(rates.falseOperations / rates.operations),
              formatRate(rates.found / rates.operations),
            ]
          }),
        ]),
        [
          '**this gate** (real gates with injected slowdowns)',
          '8 to 18',
          ...conditions.flatMap((each) => reallyOurs(records, each)),
        ],
        [
          '**this gate** (resampled, above)',
          '8 to 18',
          ...conditions.flatMap((each) => ours(resampled, each)),
        ],
      ],
    ),
  ].join('\n')
}

function reallyOurs(records: readonly CampaignRecord[], condition: Condition): readonly string[] {
  const equal = gatesWith(records, ['none'], condition)
  const slowed = gatesWith(records, tenPercent, condition)
  const { count, failed } = equalOperations(equal)
  return [
    formatRate(equal.filter(({ status }) => status === 'fail').length / equal.length),
    formatRate(failed / count),
    formatRate(slowed.filter(isFound).length / slowed.length),
  ]
}

function ours({ fromAll }: ResampledGates, condition: Condition): readonly string[] {
  const cell = (dose: number) =>
    fromAll.find((each) => each.condition === condition && each.dose === dose)?.simulated
  const [equal, slower] = [cell(0), cell(0.1)]
  if (equal === undefined || slower === undefined) return ['–', '–', '–']
  return [
    formatRate(equal.statuses.fail / equal.gates),
    formatRate(equal.failedOperations / equal.gates / campaignSubject.operations.length),
    formatRate(slower.found / slower.gates),
  ]
}

function roundSeconds(records: readonly CampaignRecord[]): string {
  const seconds = gatesWith(records, ['none']).flatMap(({ rounds }) => rounds.map((round) => round.seconds))
  return (seconds.reduce((sum, each) => sum + each, 0) / seconds.length).toFixed(1)
}
