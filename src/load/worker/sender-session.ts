import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { errorText } from '../../core/error-text.ts'
import { UsageError } from '../../core/errors.ts'
import type { LoadWorker } from '../../run/load/load-run.ts'
import {
  loadProfileForSending,
  type ProfileForSending,
} from '../../scenario/load-profile/load-profile-file.ts'
import type { LoadClock } from './load-clock.ts'
import type { SenderTask } from './messages.ts'
import type { OutcomeRecorder } from './outcomes.ts'
import type { Engine } from './serve-engine.ts'

const resolutionMs = 10

/** Watches this process while it sends; the function that it returns ends that and says what was seen. */
export function startAudit(): () => LoadWorker {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const cpuBefore = process.cpuUsage()
  const loopBefore = performance.eventLoopUtilization()
  const startedMs = performance.now()
  return () => {
    delay.disable()
    const seconds = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(cpuBefore)
    // What it measures is the time between two of its own timers.
    const lagNs = (measuredNs: number): number => Math.max(0, Math.round(measuredNs - resolutionMs * 1e6))
    return {
      cpuShare: (user + system) / 1e6 / seconds,
      loopUtilization: performance.eventLoopUtilization(loopBefore).utilization,
      loopLagP99Ns: lagNs(delay.percentile(99)),
      loopLagMaxNs: lagNs(delay.max),
      maxRssBytes: process.resourceUsage().maxRSS * 1024,
    }
  }
}

/**
 * Reports to the engine, at the end of each second, what happened in it; the function that it returns reports the rest.
 */
export function startReports(
  sender: { readonly sent: number; readonly outcomes: Pick<OutcomeRecorder, 'take'> },
  clock: LoadClock,
  send: Engine['send'],
): () => void {
  let second = 0
  let sentBefore = 0
  let timer: NodeJS.Timeout | undefined
  const report = (): void => {
    const { sent, outcomes } = sender
    send({ kind: 'outcomes', second, sent: sent - sentBefore, records: outcomes.take() })
    sentBefore = sent
    second += 1
  }
  const reportLater = (): void => {
    const leftMs = (second + 1) * 1000 - clock.nowNs() / 1e6
    timer = setTimeout(() => (report(), reportLater()), leftMs)
  }
  reportLater()
  return () => {
    clearTimeout(timer)
    report()
  }
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })

/** A sender's part of something that all senders share. */
export const partOf = (total: number, { worker, plan: { workers } }: SenderTask): number =>
  Math.floor(total / workers) + (worker < total % workers ? 1 : 0)

/**
 * The profile that a task names, or the one that is given in its place. Its sequence throws a UsageError REQUEST_INVALID
 * for what cannot be sent: the profile may be a user's own.
 */
export async function profileOf(
  { plan }: SenderTask,
  given: ProfileForSending | undefined,
): Promise<ProfileForSending> {
  const loaded = given ?? (await loadProfileForSending(plan))
  const sequence: ProfileForSending['sequence'] = (index) => {
    const invalid = (why: string): UsageError =>
      new UsageError('REQUEST_INVALID', `request ${index} of the profile cannot be sent: ${why}`)
    let planned: ReturnType<typeof sequence>
    try {
      planned = loaded.sequence(index)
    } catch (error) {
      throw invalid(`the profile throws: ${errorText(error)}`)
    }
    if (/^\/[\x21-\x7e]*$/.test(planned.path)) return planned
    throw invalid(
      `${planned.op}: ${JSON.stringify(planned.path)} is no path; use encodeURIComponent where it needs it`,
    )
  }
  return { ...loaded, sequence }
}
