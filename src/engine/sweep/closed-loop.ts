import { TargetError } from '../../core/errors.ts'
import type { ClosedLoop, ClosedLoopOptions } from '../../scenario/sweep/sweep-context.ts'
import { quantile, sortNumbers } from '../../stats/quantile.ts'

/** Of a loop of seconds, the share that is warm-up. */
const warmUpShare = 0.2
/** Fewer latencies than these say nothing of a quantile. */
const fewestSamples = { p50: 5, p95: 100 }

/** Codes of errors that no server can help: what is sent is wrong. */
const mistakes = new Set(['TARGET_SQL', 'TARGET_NOT_FOUND', 'TARGET_DENIED'])

/** What one call was. */
interface Ended {
  readonly endedMs: number
  readonly tookMs: number
  /** Code of its error; undefined when it succeeded. */
  readonly failure: string | undefined
}

/**
 * Calls again and again from as many workers. See `ClosedLoop` for what counts.
 * @throws what a call throws that is no `TargetError`, and a `TargetError` that says that the statement is wrong
 */
export async function closedLoop(
  { workers, seconds, calls = Infinity, call }: ClosedLoopOptions & { readonly seconds: number },
  nowMs: () => number,
): Promise<ClosedLoop> {
  const startMs = nowMs()
  const endMs = calls === Infinity ? startMs + seconds * 1000 : Infinity
  const ended: Ended[] = []
  let begun = 0
  const work = async (worker: number): Promise<void> => {
    while (begun < calls && nowMs() < endMs) {
      const index = begun++
      const beganMs = nowMs()
      const failure = await call(worker, index).then(() => undefined, failureOf)
      const endedMs = nowMs()
      ended.push({ endedMs, tookMs: endedMs - beganMs, failure })
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  if (calls !== Infinity) return summary(ended, nowMs() - startMs)
  const fromMs = startMs + seconds * 1000 * warmUpShare
  const counted = ended.filter(({ endedMs }) => endedMs >= fromMs && endedMs <= endMs)
  return summary(counted, endMs - fromMs)
}

function failureOf(error: unknown): string {
  if (error instanceof TargetError && !mistakes.has(error.code)) return error.code
  throw error
}

function summary(ended: readonly Ended[], tookMs: number): ClosedLoop {
  const latencies = sortNumbers(
    ended.flatMap(({ failure, tookMs }) => (failure === undefined ? [tookMs] : [])),
  )
  const failures = new Map<string, number>()
  for (const { failure } of ended)
    if (failure !== undefined) failures.set(failure, (failures.get(failure) ?? 0) + 1)
  const at = (p: number, fewest: number): number | null =>
    latencies.length < fewest ? null : quantile(latencies, p)
  return {
    succeeded: latencies.length,
    failed: ended.length - latencies.length,
    failures: Object.fromEntries(failures),
    perSecond: tookMs > 0 ? (latencies.length * 1000) / tookMs : 0,
    p50Ms: at(0.5, fewestSamples.p50),
    p95Ms: at(0.95, fewestSamples.p95),
  }
}
