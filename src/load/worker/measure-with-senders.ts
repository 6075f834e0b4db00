import { formatNumber, plural } from '../../core/number-format.ts'
import { sumCounts } from '../../core/sum-counts.ts'
import type { LoadMeasurement } from '../../run/load/load-run.ts'
import { loadProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import type { LoadContext } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { Collector } from './collector.ts'
import { machineNs } from './load-clock.ts'
import type { FromSender, SenderResult } from './messages.ts'
import { SenderProcess } from './sender-process.ts'
import { waitsOf } from './wait-log.ts'

/** Senders need so long to hear that they start. */
const startInNs = 200e6

/** Sends a plan from `plan.workers` processes; `entry` is the URL of a `*.process` module that calls `serveEngine`. */
export async function measureWithSenders(
  entry: URL,
  plan: LoadPlan,
  context: LoadContext,
): Promise<Omit<LoadMeasurement, 'tool'>> {
  const { profile } = await loadProfileForSending(plan)
  const collector = new Collector(profile, plan, context)
  const results = await runSenders(entry, plan, context, collector)
  const collected = collector.finish()
  const { lateness } = collected
  const waited = results.map((result) => result.waited)
  return {
    seconds: Math.max(0, ...results.map(({ drivenNs }) => drivenNs)) / 1e9,
    interrupted: context.signal.aborted,
    ...collected,
    ...(lateness === null ? {} : { waits: waitsOf(waited, lateness.samples) }),
    connections: sumCounts(results.map(({ connections }) => connections)),
    workers: results.map(({ worker }) => worker),
    toolVerdict: null,
    notes: notesOf(plan, results),
  }
}

async function runSenders(
  entry: URL,
  plan: LoadPlan,
  { signal, emit, early }: LoadContext,
  collector: Collector,
): Promise<readonly SenderResult[]> {
  const opened = Array.from({ length: plan.workers }, () => 0)
  let ready = 0
  const hear = (worker: number, message: FromSender): void => {
    if (message.kind === 'opening') {
      opened[worker] = message.opened
      const done = opened.reduce((sum, each) => sum + each, 0)
      emit({ kind: 'step', text: 'opening connections', done, total: plan.connections })
    } else if (message.kind === 'ready') {
      ready += 1
      if (ready < plan.workers) return
      const startNs = machineNs() + startInNs
      for (const sender of senders) sender.send({ kind: 'start', startNs })
    } else if (message.kind === 'outcomes') collector.add(message.second, message.sent, message.records)
  }
  const senders = Array.from(
    { length: plan.workers },
    (_, worker) => new SenderProcess(entry, { plan, worker }, (message) => hear(worker, message)),
  )
  const stop = (): void => senders.forEach((sender) => sender.send({ kind: 'stop' }))
  const finish = (): void => senders.forEach((sender) => sender.send({ kind: 'finish' }))
  early?.enough.addEventListener('abort', finish, { once: true })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await Promise.all(senders.map(({ result }) => result))
  } finally {
    signal.removeEventListener('abort', stop)
    early?.enough.removeEventListener('abort', finish)
    for (const sender of senders) sender.kill()
  }
}

/** What a reader of the result must know of waits and of connections. */
function notesOf({ model }: LoadPlan, results: readonly SenderResult[]): readonly string[] {
  const waited = results.reduce((sum, { waited: { requests } }) => sum + requests, 0)
  const longestMs = Math.max(...results.map(({ waited: { longestNs } }) => longestNs)) / 1e6
  const where = model.kind === 'open-model' ? 'in their response times' : 'in no latency'
  const failures = Object.entries(sumCounts(results.map(({ connectFailures }) => connectFailures)))
  const gaveUp = results.flatMap(({ gaveUp: is, drivenNs }) => (is ? [drivenNs / 1e9] : []))
  return [
    ...(waited === 0
      ? []
      : [
          `${plural(waited, 'request')} found every connection busy and waited for one, up to ${formatNumber(longestMs)} ms; the wait is ${where}`,
        ]),
    ...(failures.length === 0
      ? []
      : [
          `connections that could not be opened: ${failures.map(([code, count]) => `${count} ${code}`).join(', ')}`,
        ]),
    ...(gaveUp.length === 0
      ? []
      : [
          `ended after ${formatNumber(Math.max(...gaveUp))} s: the target had refused connections for 3 s, so the rest was not sent`,
        ]),
  ]
}
