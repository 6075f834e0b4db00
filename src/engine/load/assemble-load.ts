import type { MachineLimits } from '../../load/limits.ts'
import type { ServerFacts } from '../../load/preflight.ts'
import { machineStamp } from '../../run/environment.ts'
import type { LoadMeasurement, LoadRun } from '../../run/load-run.ts'
import { newRunId } from '../../run/run-id.ts'
import { runFormatVersion } from '../../run/run.ts'
import type { PreparedLoad } from './prepare-load.ts'

/** What is known of a load when it is over. */
export interface FinishedLoad extends Pick<LoadRun, 'floor' | 'host' | 'probe' | 'reconciliation'> {
  readonly engine: LoadRun['settings']['engine']
  /** Version of forgebench. */
  readonly version: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly server: ServerFacts
  readonly limits: MachineLimits
  readonly measurement: LoadMeasurement
}

/** The Run of a load that is over. */
export function assembleLoadRun(prepared: PreparedLoad, finished: FinishedLoad): LoadRun {
  const { plan, loaded, thresholds, dataDigest } = prepared
  const { startedAt, finishedAt, measurement, limits, floor, host, probe, reconciliation } = finished
  const { seed, model, stages, warmUpSeconds, connections, connectRatePerSec, timeoutMs } = plan
  const weights = loaded.profile.mixes[plan.mix] ?? {}
  return {
    format: 'forgebench-run',
    version: runFormatVersion,
    kind: 'load',
    id: newRunId(startedAt),
    status: measurement.interrupted ? 'partial' : 'complete',
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    forgebench: finished.version,
    environment: { ...machineStamp(), ...limits },
    target: { url: plan.url, server: finished.server },
    profile: {
      id: loaded.id,
      title: loaded.profile.title,
      why: loaded.profile.why,
      fileDigest: loaded.fileDigest,
      dataDigest,
      mix: plan.mix,
      requests: loaded.profile.requests
        .map(({ id, title, method, status }) => ({ op: id, title, method, weight: weights[id] ?? 0, status }))
        .filter(({ weight }) => weight > 0),
    },
    settings: {
      engine: finished.engine,
      seed,
      model,
      stages: [...stages],
      warmUpSeconds,
      connections,
      ...(plan.maxConnections === undefined ? {} : { maxConnections: plan.maxConnections }),
      connectRatePerSec,
      timeoutMs,
      maxRequests: plan.maxRequests,
      workers: plan.workers,
    },
    floor,
    ...(probe === undefined ? {} : { probe }),
    host,
    measurement,
    reconciliation,
    thresholds: [...thresholds],
  }
}
