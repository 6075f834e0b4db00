import { formatNs } from '../../core/number-format.ts'
import { senderWaitShare, type HostSeen } from '../../run/load/host-contention.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { requestsIn, type LoadSample } from '../../run/load/load-samples.ts'
import type { Threshold } from '../../run/threshold.ts'
import { knowsIntended, mostLateNs } from './generator-checks.ts'
import { check, unknownCheck, type JudgedCheck } from './load-check.ts'
import type { Doubt } from './load-doubt.ts'

/**
 * Whether this machine gave senders the processors that they wanted, whatever the engine: an idle process got its turn in
 * time, and threads of a sender that knows no intended start did not wait longer for a request than a late send may be.
 */
export function hostChecks(
  run: LoadRun,
  measured: readonly LoadSample[],
  thresholds: readonly Threshold[],
): readonly JudgedCheck[] {
  const { host } = run
  if (host === undefined) return []
  const name = 'host contention: wait for a processor'
  const limitNs = mostLateNs(thresholds)
  const limit = `≤ ${formatNs(limitNs)}`
  if (host === null || host.samples === 0) return [unknownCheck(name, 'not observed', limit)]
  const requests = Math.max(1, requestsIn(measured))
  const waitNs = knowsIntended(run) ? null : (host.senders?.waitedNs ?? null)
  const perRequestNs = waitNs === null ? 0 : waitNs / requests
  const lateNs = host.timerLag.p99Ns
  const found = [
    `${formatNs(lateNs)} of an idle process at P99`,
    ...(waitNs === null ? [] : [`${formatNs(perRequestNs)} of the sender per request`]),
  ].join(', ')
  return [
    check(
      name,
      {
        isOk: lateNs <= limitNs && perRequestNs <= limitNs,
        measured: found,
        limit,
        reason: `other work kept the processors of this machine busy: a wait of ${found}, ${formatNs(limitNs)} allowed; stop it, or send from another machine`,
      },
      contentionDoubt(run, host),
    ),
  ]
}

/**
 * A time may hold as large a part of waiting as the senders' threads did, and one wait more, as long as the longest that
 * the watcher met. Response times from the intended start hold all of it. A tool without them may have sent so much late
 * besides; and in a closed loop every wait is load that was not sent.
 */
function contentionDoubt(run: LoadRun, host: HostSeen): Doubt {
  const share = Math.min(0.99, senderWaitShare(host) ?? host.cpuPressure ?? host.cpuUtilization ?? 0.99)
  const { p99Ns, maxNs } = host.timerLag
  const slack = { share, p99Ns, mostNs: maxNs, readNs: maxNs, isPoolWait: false }
  if (knowsIntended(run)) return { slack, couldBeSlower: 'to response time' }
  return { slack, couldBeSlower: run.settings.model.kind === 'open-model' ? 'by slack' : 'without bound' }
}
