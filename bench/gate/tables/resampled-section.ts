import { campaignSubject, slowdownTitles } from '../records/cells.ts'
import { markdownTable } from '../../text/markdown-table.ts'
import { formatRate, formatRateOf } from './rate-text.ts'
import type { SimulatedGates } from '../resample/resample.ts'
import type { DoseCell, ResampledGates } from '../resample/resampled-gates.ts'

/** What the shipped decision says of simulated gates whose rounds were measured. */
export function resampledSection({ pools, fromAll, fromOneGate, tails }: ResampledGates): string {
  const gates = fromAll[0]?.simulated.gates ?? 0
  const recorded = [...pools].map(
    ([condition, pool]) =>
      `${condition} ${pool.length} of ${new Set(pool.map(({ gate }) => gate)).size} gates`,
  )
  return [
    '## Resampled gates\n',
    `Recorded rounds of equal sides: ${recorded.join(', ')}. A simulated gate draws its rounds from those of one condition, with replacement, each with its ${campaignSubject.operations.length} operations together and with the roles tossed again; then one operation of it (each in turn) is made slower by an exact factor, and the shipped \`decideGate\` decides. ${gates.toLocaleString('en-US')} gates a line; 95 % intervals are exact (Clopper-Pearson) for the draw, the recorded rounds being what they are.\n`,
    doseTable(fromAll),
    '\nThe same with all rounds of a simulated gate from **one** recorded gate, so that calm and wild minutes stay together:\n',
    doseTable(fromOneGate),
    '\nSlowdowns as they were recorded, each simulated gate from one of the recorded gates with such a slowdown:\n',
    markdownTable(
      ['', 'recorded gates', 'simulated', 'FAIL for the slowed operation', 'FAIL', 'PASS'],
      tails.map(({ slowdown, recorded, simulated }) => [
        `${slowdownTitles[slowdown]}${slowdown === 'delay-5' ? '' : slowdown === 'held-3' ? ': must not fail' : ': must fail'}`,
        String(recorded),
        simulated.gates.toLocaleString('en-US'),
        formatRateOf(simulated.found, simulated.gates),
        formatRateOf(simulated.statuses.fail, simulated.gates),
        formatRateOf(simulated.statuses.pass, simulated.gates),
      ]),
    ),
  ].join('\n')
}

function doseTable(cells: readonly DoseCell[]): string {
  return markdownTable(
    ['', 'FAIL for it', 'PASS', 'IMPROVED', 'INCONCLUSIVE', 'rounds, mean', 'P95'],
    cells.map(({ condition, dose, simulated }) => {
      const { gates, statuses } = simulated
      return [
        `${condition}, ${dose === 0 ? 'equal sides' : `+${Math.round(dose * 100)} %`}`,
        formatRateOf(dose === 0 ? statuses.fail : simulated.found, gates),
        formatRateOf(statuses.pass, gates),
        formatRate(statuses.improved / gates),
        formatRateOf(statuses.inconclusive, gates),
        ...roundTexts(simulated),
      ]
    }),
  )
}

function roundTexts({ rounds }: SimulatedGates): readonly string[] {
  const sorted = rounds.toSorted((a, b) => a - b)
  const mean = sorted.reduce((sum, n) => sum + n, 0) / sorted.length
  return [mean.toFixed(1), String(sorted[Math.ceil(0.95 * sorted.length) - 1])]
}
