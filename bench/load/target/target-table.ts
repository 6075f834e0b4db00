import type { Goal } from '../bench-report.ts'
import { showSpread, spreadOf, type Spread } from '../spread.ts'
import { limitOf, type TargetStep } from './target-step.ts'
import type { Found } from './target-search.ts'
import { textTable } from '../../text/text-table.ts'

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

const wantedPerSec = 10_000

const rounded = (value: number): string => Math.round(value).toLocaleString('en-US')
const ratesOf = ({ founds }: TargetResult): Spread =>
  spreadOf(founds.map(({ highest }) => highest?.ratePerSec ?? 0))

/** The repetition whose rate is the median, or nearest to it. */
function middle({ founds }: TargetResult): Found<TargetStep> | undefined {
  const inOrder = [...founds].sort((a, b) => (a.highest?.ratePerSec ?? 0) - (b.highest?.ratePerSec ?? 0))
  return inOrder[Math.floor((inOrder.length - 1) / 2)]
}

const nameOf = ({ driver, variant, mix, apiWorkers }: TargetSetting): string =>
  `${driver}, ${variant}, mix ${mix}, ${apiWorkers} API ${apiWorkers === 1 ? 'process' : 'processes'}`

export function targetTable(results: readonly TargetResult[], cpus: number): string {
  const rows = results.map((result) => {
    const found = middle(result)
    const best = found?.highest?.step
    return [
      nameOf(result.setting),
      showSpread(ratesOf(result), rounded),
      best === undefined ? '' : `${best.p95Ms.toFixed(1)} ms`,
      best === undefined ? '' : `${(best.errorShare * 100).toFixed(2)} %`,
      best === undefined ? '' : coresText(best),
    ]
  })
  const limits = results.map((result) => {
    const failed = middle(result)?.failed
    return failed
      ? `${nameOf(result.setting)}: at ${rounded(failed.ratePerSec)}/s P95 is ${msText(failed.step.p95Ms)}, errors ${(failed.step.errorShare * 100).toFixed(2)} %; limited by ${limitOf(failed.step, result.setting.apiWorkers, cpus)}`
      : `${nameOf(result.setting)}: nothing failed up to the limit of the search`
  })
  const head = ['', 'highest rate (requests/s)', 'P95 there', 'errors', 'cores: API + sqld + sender']
  return `${textTable(head, rows)}\n\n${limits.join('\n')}`
}

const msText = (ms: number): string =>
  Number.isFinite(ms) ? `${ms.toFixed(0)} ms` : 'never (too many failed)'

const coresText = ({ cores: { api, sqld, sender } }: TargetStep): string =>
  [api, ...(sqld === null ? [] : [sqld]), sender].map((cores) => cores.toFixed(2)).join(' + ')

export const targetGoals = (results: readonly TargetResult[]): readonly Goal[] =>
  results.map((result) => {
    const rates = ratesOf(result)
    return {
      promise: `${nameOf(result.setting)}: 10,000 requests/s with P95 < 200 ms and errors < 0.1 %`,
      measured: `${showSpread(rates, rounded)} requests/s`,
      met: rates.median >= wantedPerSec,
    }
  })
