import { exitCode, type ExitCode } from '../../core/errors.ts'
import { formatInteger, formatNumber } from '../../core/number-format.ts'
import { quantile, sortNumbers } from '../../stats/quantile.ts'
import { comparisonStatus } from '../compare-timings.ts'
import {
  latencyRounds,
  paceRounds,
  requestsPerSec,
  slicesOf,
  type SliceChoice,
} from '../../run/load/compared-rounds.ts'
import type { ComparedPair, ComparisonVerdict } from '../../run/comparison-verdict.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import type { ClaimPartRun } from '../../run/run.ts'
import type { PartMeasurement } from '../../run/verdict.ts'
import { judgeChange } from '../../stats/decide-change.ts'
import { pairedRatio, sideLevel, type OverRounds } from '../../stats/over-rounds.ts'
import { judgeClaim } from '../claims/judge-parts.ts'

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
    claims: run.claims.map((claim) =>
      judgeClaim(run.scenario.id, claim, (part) => measurePart(part, pairs, invalid)),
    ),
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
        const doubt =
          saturatedSender(run, { load, variant: place }, id, variant) ||
          saturatedSender(run, { load, variant: other }, id, versus)
        return [{ load: id, op, variant, versus, ...compared, doubt }]
      }),
    )
  })
}

function comparePair(
  { slices, settings }: LoadComparison,
  candidate: SliceChoice,
  other: SliceChoice,
): Omit<ComparedPair, 'load' | 'op' | 'variant' | 'versus' | 'doubt'> {
  const { confidence } = settings
  const isPeak = settings.model.kind === 'peak'
  const time = isPeak
    ? pairedRatio(paceRounds(slices, candidate), paceRounds(slices, other), 'mean', confidence)
    : pairedRatio(latencyRounds(slices, candidate), latencyRounds(slices, other), 'p95', confidence)
  const of = (choice: SliceChoice) => ({
    requests: slicesOf(slices, choice).reduce((sum, { requests }) => sum + requests, 0),
    perSec: requestsPerSec(slices, choice),
    p95: sideLevel(latencyRounds(slices, choice), 'p95', confidence),
  })
  const [one, two] = [of(candidate), of(other)]
  return {
    ratio: isPeak ? inverse(time) : time,
    // A status is about times.
    status: comparisonStatus(time),
    requests: { variant: one.requests, versus: two.requests },
    perSec: { variant: one.perSec, versus: two.perSec },
    p95: { variant: one.p95, versus: two.p95 },
  }
}

function inverse(ratio: OverRounds): OverRounds {
  switch (ratio.state) {
    case 'measured': {
      const { estimate, low, high } = ratio.interval
      return {
        ...ratio,
        interval: { ...ratio.interval, estimate: 1 / estimate, low: 1 / high, high: 1 / low },
      }
    }
    case 'too-few-rounds':
      return { ...ratio, estimate: 1 / ratio.estimate }
    case 'too-few-samples':
    case 'nothing':
      return ratio
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
    case 'nothing':
      return { state: 'missing', reason: 'no slices side by side' }
    case 'too-few-samples':
      return { state: 'missing', reason: `no round with more than ${ratio.mostSamples} requests` }
    case 'too-few-rounds': {
      const basis = {
        kind: 'rounds',
        rounds: ratio.rounds,
        samples,
        confidence: null,
        roundsNeeded: null,
      } as const
      return { state: 'too-few', estimate: ratio.estimate - 1, basis }
    }
    case 'measured': {
      const { estimate, low, high, confidence } = ratio.interval
      const change = { estimate: estimate - 1, low: low - 1, high: high - 1 }
      return {
        state: 'measured',
        status: judgeChange(change, part.claimed),
        change,
        basis: { kind: 'rounds', rounds: ratio.rounds, samples, confidence, roundsNeeded: null },
      }
    }
  }
}

function failedRequests({ slices, variants, loads }: LoadComparison): readonly string[] {
  return loads.flatMap(({ id }, load) =>
    variants.flatMap(({ id: name }, variant) => {
      const chosen = slicesOf(slices, { load, variant, op: null })
      const requests = chosen.reduce((sum, slice) => sum + slice.requests, 0)
      const failed = chosen.reduce((sum, slice) => sum + slice.failed, 0)
      if (failed <= requests * mostFailed) return []
      return [`${formatInteger(failed)} of ${formatInteger(requests)} requests of ${id} failed on ${name}`]
    }),
  )
}

/** That the sender was saturated in the chosen slices, which are of this load and variant; empty unless it was. */
function saturatedSender(
  { slices }: LoadComparison,
  choice: Omit<SliceChoice, 'op'>,
  load: string,
  variant: string,
): string {
  const chosen = slicesOf(slices, { ...choice, op: null })
  if (chosen.length === 0) return ''
  const share = quantile(sortNumbers(chosen.map(({ senderCpuShare }) => senderCpuShare)), 0.5)
  return share <= mostCpuShare
    ? ''
    : `the sender was saturated by ${load} on ${variant} (${formatNumber(share * 100)} % of a core): its speed was measured, not the server's`
}

/** Failed creations may have added rows all the same. */
const lostRows = ({ rows, slices }: LoadComparison): readonly string[] => {
  const failed = slices.reduce((sum, slice) => sum + slice.failed, 0)
  return rows
    .filter(({ acknowledged, found }) => found < acknowledged || found > acknowledged + failed)
    .map(
      ({ variant, table, acknowledged, found }) =>
        `${formatInteger(acknowledged)} new rows of ${table} were acknowledged by ${variant}, and ${formatInteger(found)} are there`,
    )
}
