import { connectionsFor } from '../../core/littles-law.ts'
import { formatInteger, formatNs } from '../../core/number-format.ts'
import { latencyMeanNs, latencyQuantileNs } from '../../stats/latency-counts.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { latenciesOf, type LoadSample } from '../../run/load/load-samples.ts'
import { check, type JudgedCheck } from './load-check.ts'
import { noSlack } from './load-doubt.ts'
import { sumOf } from './accounting-checks.ts'

/** A median service time up to so many times that of the unloaded target is a target that answers normally. */
const normalSlowdown = 2
/** By Little's law a pool is full when the mean number of requests under way comes near its size. */
const fullShare = 0.8

/**
 * Whether the sender's own pool was the limit: requests waited for a connection (P99 above `limitNs`), or were dropped for
 * want of one, while the target answered as fast as it did before the load, and rate × mean service time fills the pool.
 * Where the target has slowed down, or stalled, the wait is its doing and belongs to its response times.
 */
export function connectionCheck(
  run: LoadRun,
  measured: readonly LoadSample[],
  limitNs: number,
): readonly JudgedCheck[] {
  const { settings, measurement, probe } = run
  const { model, engine } = settings
  if (model.kind !== 'open-model' || settings.workers === 0) return []
  const { waits, accounting } = measurement
  const dropped = engine === 'k6' ? sumOf(accounting, 'neverSent') : 0
  if (waits === undefined && dropped === 0) return []
  const service = latenciesOf(measured, 'service', 'recorded')
  if (service.samples === 0) return []
  const ratePerSec = model.ratePerSec * Math.max(...settings.stages.map(({ toLevel }) => toLevel))
  const meanNs = latencyMeanNs(service)
  const most = settings.maxConnections ?? settings.connections
  const isFull = (ratePerSec * meanNs) / 1e9 > most * fullShare
  const isNormal = probe === undefined || latencyQuantileNs(service, 0.5) <= probe.maxNs * normalSlowdown
  const hasWaited = dropped > 0 || (waits?.p99Ns ?? 0) > limitNs
  const option = settings.maxConnections === undefined ? '--connections' : '--max-connections'
  const needed = connectionsFor(ratePerSec, Math.max(meanNs, latencyQuantileNs(service, 0.95)))
  return [
    check(
      'wait for a free connection, P99',
      {
        isOk: !(hasWaited && isFull && isNormal),
        measured: foundText(waits, dropped),
        limit: `≤ ${formatNs(limitNs)}, unless the target has slowed down`,
        reason: `connections were the limit: ${option} ${needed} (there were ${formatInteger(most)}; ${formatInteger(Math.round(ratePerSec))} requests/s × ${formatNs(meanNs)} need ${formatInteger(Math.ceil((ratePerSec * meanNs) / 1e9))} by Little's law, and half as many again to spare)`,
      },
      // The target is not to blame for the wait: service times alone can fail, and what passes with the wait in it passes.
      {
        slack: { ...noSlack, isPoolWait: true },
        couldBeSlower: waits === undefined ? 'without bound' : 'to response time',
      },
    ),
  ]
}

function foundText(waits: LoadRun['measurement']['waits'], dropped: number): string {
  if (dropped > 0) return `${formatInteger(dropped)} found none and were dropped`
  if (waits === undefined || waits.waited === 0) return 'none waited'
  return `${formatNs(waits.p99Ns)} (${formatInteger(waits.waited)} of ${formatInteger(waits.requests)} waited, ${formatNs(waits.maxNs)} at most)`
}
