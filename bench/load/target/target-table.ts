import { formatInteger } from '../../../src/core/number-format.ts'
import { textTable } from '../../text/text-table.ts'
import { showSpread, spreadOf } from '../spread.ts'
import type { Found } from './target-search.ts'
import type { TargetStep } from './target-step.ts'

/** What was served, and how. */
export interface TargetSetting {
  readonly driver: 'file' | 'sqld'
  readonly variant: 'baseline' | 'composite'
  readonly mix: string
  readonly apiWorkers: number
}

export interface TargetResult {
  readonly setting: TargetSetting
  /** One a repetition. */
  readonly founds: readonly Found<TargetStep>[]
}

const rateOf = ({ highest }: Found<TargetStep>): number => highest?.ratePerSec ?? 0

/** The repetition whose rate is the median, or nearest to it. */
const middle = ({ founds }: TargetResult): Found<TargetStep> | undefined =>
  founds.toSorted((a, b) => rateOf(a) - rateOf(b))[Math.floor((founds.length - 1) / 2)]

export const nameOf = ({ driver, variant, mix, apiWorkers }: TargetSetting): string =>
  `${driver}, ${variant}, mix ${mix}, ${apiWorkers} API ${apiWorkers === 1 ? 'process' : 'processes'}`

export function targetTable(results: readonly TargetResult[]): string {
  const rows = results.map((result) => {
    const best = middle(result)?.highest?.step
    return [
      nameOf(result.setting),
      showSpread(spreadOf(result.founds.map(rateOf)), formatInteger),
      ...(best === undefined
        ? ['', '', '']
        : [`${best.p95Ms.toFixed(1)} ms`, percent(best.errorShare), coresText(best)]),
    ]
  })
  const head = ['', 'highest rate (requests/s)', 'P95 there', 'errors', 'cores: API + sqld + sender']
  const failed = results.map(
    (result) => `${nameOf(result.setting)}: ${failedText(middle(result)?.failed ?? null)}`,
  )
  return `${textTable(head, rows)}\n\n${failed.join('\n')}`
}

/** What was seen where a rate failed: what kept it from passing. */
function failedText(failed: Found<TargetStep>['failed']): string {
  if (failed === null) return 'nothing failed up to the limit of the search'
  const { p95Ms, errorShare, lateP99Ms, failures } = failed.step
  const p95 = Number.isFinite(p95Ms) ? `${p95Ms.toFixed(0)} ms` : 'never (too many failed)'
  const errors = `errors ${percent(errorShare)}${failures === '' ? '' : ` (${failures})`}`
  return `at ${formatInteger(failed.ratePerSec)}/s P95 is ${p95}, ${errors}; ${coresText(failed.step)} cores; sends ${lateP99Ms.toFixed(1)} ms late at P99`
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

const coresText = ({ cores: { api, sqld, sender } }: TargetStep): string =>
  [api, ...(sqld === null ? [] : [sqld]), sender].map((cores) => cores.toFixed(2)).join(' + ')
