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

/** What an engine does in the steps that all of them share. */
export interface Session {
  readonly sender: { readonly sent: number; readonly outcomes: Pick<OutcomeRecorder, 'take'> }
  readonly clock: LoadClock
  /** Opens the connections; resolves when each was tried once, or the signal aborts. */
  readonly openAll: (signal: AbortSignal, onProgress: (opened: number) => void) => Promise<void>
  /** Sends the load from the clock's zero on; resolves when nothing more will be sent. */
  readonly drive: () => Promise<void>
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>
  /** Ends everything, whatever is under way; may be called again. */
  readonly close: () => void
}

/** One sender process from its task to its end; returns what sending cost it after the warm-up. */
export async function runSession(
  { plan }: SenderTask,
  { send, start, stop }: Engine,
  { sender, clock, openAll, drive, drain, close }: Session,
): Promise<LoadWorker> {
  try {
    await openAll(stop, (opened) => send({ kind: 'opening', opened }))
    send({ kind: 'ready' })
    const startNs = await Promise.race([start, aborted(stop)])
    let finishAudit = startAudit()
    if (startNs === undefined) return finishAudit()
    clock.startAt(startNs)
    // What warming up costs says nothing of the load that is measured.
    const warmUpMs = plan.warmUpSeconds * 1000 - clock.nowNs() / 1e6
    const warm = setTimeout(() => (finishAudit = startAudit()), warmUpMs)
    const finishReports = startReports(sender, clock, send)
    try {
      await drive()
      const worker = finishAudit()
      await drain()
      return worker
    } finally {
      clearTimeout(warm)
      close()
      finishReports()
    }
  } finally {
    close()
  }
}

const resolutionMs = 10

/** Watches this process while it sends; the function that it returns ends that and says what was seen. */
function startAudit(): () => LoadWorker {
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

/** Tells the engine at the end of each second what happened in it; the function that it returns tells the rest. */
function startReports(sender: Session['sender'], clock: LoadClock, send: Engine['send']): () => void {
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
