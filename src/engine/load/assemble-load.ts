import type { MachineLimits } from '../../load/target/limits.ts'
import type { ServerFacts } from '../../load/target/preflight.ts'
import { machineStamp } from '../../run/environment.ts'
import type { LoadMeasurement, LoadRun } from '../../run/load/load-run.ts'
import { runHeader, type RunTimes } from '../../run/run-header.ts'
import type { PreparedLoad } from './prepare-load.ts'

/** What is known of a load when it is over. */
export interface FinishedLoad
  extends Omit<RunTimes, 'status'>, Pick<LoadRun, 'floor' | 'host' | 'probe' | 'reconciliation'> {
  readonly engine: LoadRun['settings']['engine']
  readonly server: ServerFacts
  readonly limits: MachineLimits
  readonly measurement: LoadMeasurement
}

/** The Run of a load that is over. */
export function assembleLoadRun(prepared: PreparedLoad, finished: FinishedLoad): LoadRun {
  const { plan, loaded, thresholds, dataDigest } = prepared
  const { measurement, limits, floor, host, probe, reconciliation } = finished
  const { url, profilePath: _path, dataPath: _data, mix, tokenEnv: _token, tls: _tls, ...settings } = plan
  const weights = loaded.profile.mixes[mix] ?? {}
  return {
    ...runHeader({ ...finished, status: measurement.interrupted ? 'partial' : 'complete' }),
    kind: 'load',
    environment: { ...machineStamp(), ...limits },
    target: { url, server: finished.server },
    profile: {
      id: loaded.id,
      title: loaded.profile.title,
      why: loaded.profile.why,
      fileDigest: loaded.fileDigest,
      dataDigest,
      mix: mix,
      requests: loaded.profile.requests
        .map(({ id, title, method, status }) => ({ op: id, title, method, weight: weights[id] ?? 0, status }))
        .filter(({ weight }) => weight > 0),
    },
    settings: {
      engine: finished.engine,
      ...settings,
      stages: [...settings.stages],
    },
    floor,
    ...(probe === undefined ? {} : { probe }),
    host,
    measurement,
    reconciliation,
    thresholds: [...thresholds],
  }
}
