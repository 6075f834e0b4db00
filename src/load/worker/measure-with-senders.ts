import type { LoadMeasurement } from '../../run/load-run.ts'
import { loadProfileForSending } from '../../scenario/load-profile-file.ts'
import type { LoadSurroundings } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { Collector } from './collector.ts'
import { machineNs } from './load-clock.ts'
import type { FromSender, SenderResult } from './messages.ts'
import { waitsOf } from './wait-log.ts'
import { SenderProcess } from './sender-process.ts'

/** Senders need so long to hear that they start. */
const startInNs = 200e6

export interface SendersMeasurement<R> {
  /** What each sender says, in their order. */
  readonly results: readonly R[]
  /** What they measured together. */
  readonly measured: Omit<LoadMeasurement, 'tool' | 'toolVerdict' | 'notes'>
}

/** Sends a plan from `plan.workers` processes; `entry` is the URL of a `*.process` module that calls `serveEngine`. */
export async function measureWithSenders<R extends SenderResult>(
  entry: URL,
  plan: LoadPlan,
  surroundings: LoadSurroundings,
): Promise<SendersMeasurement<R>> {
  const { profile } = await loadProfileForSending(plan)
  const collector = new Collector(profile, plan, surroundings)
  const results = await runSenders<R>(entry, plan, surroundings, collector)
  const collected = collector.finish()
  const { lateness } = collected
  return {
    results,
    measured: {
      seconds: Math.max(0, ...results.map(({ drivenNs }) => drivenNs)) / 1e9,
      interrupted: surroundings.signal.aborted,
      ...collected,
      ...(lateness === null
        ? {}
        : {
            waits: waitsOf(
              results.map(({ waited }) => waited),
              lateness.samples,
            ),
          }),
      connections: sumConnections(results),
      workers: results.map(({ worker }) => worker),
    },
  }
}

async function runSenders<R extends SenderResult>(
  entry: URL,
  plan: LoadPlan,
  { signal, emit, early }: LoadSurroundings,
  collector: Collector,
): Promise<readonly R[]> {
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
      for (const sender of senders) sender.start(startNs)
    } else if (message.kind === 'outcomes') collector.add(message.second, message.sent, message.rows)
  }
  const senders = Array.from(
    { length: plan.workers },
    (_, worker) => new SenderProcess<R>(entry, { plan, worker }, (message) => hear(worker, message)),
  )
  const stop = (): void => senders.forEach((sender) => sender.stop())
  const finish = (): void => senders.forEach((sender) => sender.finish())
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

function sumConnections(results: readonly SenderResult[]): LoadMeasurement['connections'] {
  const sum = { opened: 0, reopened: 0, peak: 0 }
  for (const { connections } of results) {
    sum.opened += connections.opened
    sum.reopened += connections.reopened
    sum.peak += connections.peak
  }
  return sum
}
