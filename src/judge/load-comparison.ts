import { exitCode, type ExitCode } from '../core/errors.ts'
import { formatInteger, formatNumber } from '../core/number-format.ts'
import { pairedRatio, type PairedRatio } from '../measure/paired-ratio.ts'
import { quantile, sortNumbers } from '../stats/quantile.ts'
import { comparisonWord } from '../run/compare-timings.ts'
import { comparedSeries, requestsPerSec, rowsOf, type SliceChoice } from '../run/compared-series.ts'
import type { ComparedPair, ComparisonVerdict } from '../run/comparison-verdict.ts'
import type { LoadComparison } from '../run/load-comparison.ts'
import type { ClaimPartRun } from '../run/run.ts'
import type { ClaimVerdict, PartMeasurement, PartVerdict } from '../run/verdict.ts'
import { judgeChange } from '../stats/decide-change.ts'
import { judgeParts } from './judge-parts.ts'

/** Share of failed requests beyond which slices say nothing about speed. */
const mostFailed = 0.001
/** CPU of the sender beyond which it is the sender whose speed is measured. */
const mostCpuShare = 0.9

/** What a comparison of variants says, recomputed from its slices. */
export function judgeComparison(run: LoadComparison): ComparisonVerdict {
  const pairs = comparedPairs(run)
  const mixes = new Set(run.loads.flatMap(({ id, weights }) => (Object.keys(weights).length > 1 ? [id] : [])))
  // A request alone may be too quick for the sender; the mixes must not be.
  const doubts = pairs.flatMap(({ load, doubt }) => (doubt !== '' && mixes.has(load) ? [doubt] : []))
  const invalid = [...failedRequests(run), ...new Set(doubts), ...lostRows(run)]
  return {
    quantity: run.settings.model.kind === 'peak' ? 'throughput' : 'p95',
    pairs,
    claims: run.claims.map((claim): ClaimVerdict => {
      const parts = claim.parts.map((part) => judgePart(part, pairs, invalid))
      return { scenario: run.scenario.id, claim, parts, word: judgeParts(parts.map(({ word }) => word)) }
    }),
    invalid,
  }
}

/** Exit code of a comparison: a claim that is refuted is an answer. */
export function comparisonExitCode(verdict: ComparisonVerdict, run: LoadComparison): ExitCode {
  if (run.status === 'partial') return exitCode.interrupted
  return verdict.invalid.length > 0 ? exitCode.invalid : exitCode.pass
}

function comparedPairs(run: LoadComparison): readonly ComparedPair[] {
  return run.loads.flatMap(({ id, weights }, load) => {
    const ops = run.settings.model.kind === 'peak' ? [null] : [null, ...Object.keys(weights)]
    return ops.flatMap((op) =>
      run.variants.flatMap(({ id: variant, versus }, place) => {
        const other = run.variants.findIndex((each) => each.id === versus)
        if (versus === null || other === -1) return []
        const compared = comparePair(run, { load, variant: place, op }, { load, variant: other, op })
        const doubt = [place, other].map((each) => saturatedSender(run, load, each)).find((why) => why !== '')
        return [{ load: id, op, variant, versus, ...compared, doubt: doubt ?? '' }]
      }),
    )
  })
}

function comparePair(
  { slices, settings }: LoadComparison,
  candidate: SliceChoice,
  other: SliceChoice,
): Omit<ComparedPair, 'load' | 'op' | 'variant' | 'versus' | 'doubt'> {
  const isPeak = settings.model.kind === 'peak'
  const ratioOf = (quantity: Parameters<typeof comparedSeries>[2]): PairedRatio =>
    pairedRatio(
      comparedSeries(slices, candidate, quantity),
      comparedSeries(slices, other, quantity),
      settings.confidence,
    )
  const of = (choice: SliceChoice): { requests: number; perSec: number; p95Ns: number } => {
    const rows = rowsOf(slices, choice)
    const p95s = sortNumbers(rows.map((row) => slices.p95Ns[row] ?? 0))
    return {
      requests: rows.reduce((sum, row) => sum + (slices.requests[row] ?? 0), 0),
      perSec: requestsPerSec(slices, choice),
      p95Ns: p95s.length === 0 ? NaN : quantile(p95s, 0.5),
    }
  }
  const [one, two] = [of(candidate), of(other)]
  return {
    ratio: ratioOf(isPeak ? 'throughput' : 'p95'),
    // Words are about times.
    word: comparisonWord(ratioOf(isPeak ? 'time per request' : 'p95')),
    requests: { variant: one.requests, versus: two.requests },
    perSec: { variant: one.perSec, versus: two.perSec },
    p95Ns: { variant: one.p95Ns, versus: two.p95Ns },
  }
}

function judgePart(
  part: ClaimPartRun,
  pairs: readonly ComparedPair[],
  invalid: readonly string[],
): PartVerdict {
  const measured = measurePart(part, pairs, invalid)
  switch (measured.state) {
    case 'measured':
      return { part, measured, word: judgeChange(measured.change, part.claimed) }
    case 'too-few':
      return { part, measured, word: 'inconclusive' }
    case 'missing':
      return { part, measured, word: 'not-measured' }
  }
}

function measurePart(
  part: ClaimPartRun,
  pairs: readonly ComparedPair[],
  [invalid]: readonly string[],
): PartMeasurement {
  if (invalid !== undefined) return { state: 'missing', reason: invalid }
  const pair = pairs.find(
    ({ load, op, variant, versus }) =>
      part.measure === 'throughput' &&
      op === null &&
      load === part.operation &&
      variant === part.variant &&
      versus === part.versus,
  )
  if (pair === undefined) return { state: 'missing', reason: 'it was not measured' }
  const { ratio, requests: samples } = pair
  switch (ratio.state) {
    case 'no-pairs':
      return { state: 'missing', reason: 'no slices side by side' }
    case 'too-few-rounds': {
      const basis = { kind: 'rounds', rounds: ratio.rounds, samples, confidence: null } as const
      return { state: 'too-few', estimate: ratio.estimate - 1, basis }
    }
    case 'measured': {
      const { estimate, low, high, confidence } = ratio.interval
      const change = { estimate: estimate - 1, low: low - 1, high: high - 1 }
      return {
        state: 'measured',
        change,
        basis: { kind: 'rounds', rounds: ratio.rounds, samples, confidence },
      }
    }
  }
}

function failedRequests({ slices, variants, loads }: LoadComparison): readonly string[] {
  return loads.flatMap(({ id }, load) =>
    variants.flatMap(({ id: name }, variant) => {
      const rows = rowsOf(slices, { load, variant, op: null })
      const sum = (column: readonly number[]): number =>
        rows.reduce((total, row) => total + (column[row] ?? 0), 0)
      const requests = sum(slices.requests)
      const failed = sum(slices.failed)
      if (failed <= requests * mostFailed) return []
      return [`${formatInteger(failed)} of ${formatInteger(requests)} requests of ${id} failed on ${name}`]
    }),
  )
}

function saturatedSender({ slices, variants, loads }: LoadComparison, load: number, variant: number): string {
  const rows = rowsOf(slices, { load, variant, op: null })
  if (rows.length === 0) return ''
  const share = quantile(sortNumbers(rows.map((row) => slices.senderCpuShare[row] ?? 0)), 0.5)
  return share <= mostCpuShare
    ? ''
    : `the sender was saturated by ${loads[load]?.id} on ${variants[variant]?.id} (${formatNumber(share * 100)} % of a core): its speed was measured, not the server's`
}

/** Failed creations may have added rows all the same. */
const lostRows = ({ rows, slices }: LoadComparison): readonly string[] => {
  const failed = slices.failed.reduce((sum, count) => sum + count, 0)
  return rows
    .filter(({ acknowledged, found }) => found < acknowledged || found > acknowledged + failed)
    .map(
      ({ variant, table, acknowledged, found }) =>
        `${formatInteger(acknowledged)} new rows of ${table} were acknowledged by ${variant}, and ${formatInteger(found)} are there`,
    )
}
