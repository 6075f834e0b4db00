import { createRequire } from 'node:module'
import type { LoadMeasurement } from '../../run/load-run.ts'
import { loadProfileForSending } from '../../scenario/load-profile-file.ts'
import type { LoadEngine, LoadSurroundings } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { Collector } from './collector.ts'
import { machineNs } from './load-clock.ts'
import type { FromSender, SenderResult } from './messages.ts'
import { SenderProcess } from './sender-process.ts'

const { version } = createRequire(import.meta.url)('undici/package.json') as { readonly version: string }

/** Senders need so long to hear that they start. */
const startInNs = 200e6

/**
 * Our own sender: arrivals that wait for nobody, over connections held open, in `plan.workers` processes. Response times
 * count from the intended start. Users and peak are closed loops over the same connections.
 */
export const openEngine: LoadEngine = async (plan, surroundings) => {
  const { profile } = await loadProfileForSending(plan)
  const collector = new Collector(profile, plan, surroundings.emit)
  const results = await runSenders(plan, surroundings, collector)
  return {
    tool: { name: 'forgebench open', version: `undici ${version}` },
    seconds: Math.max(0, ...results.map(({ drivenNs }) => drivenNs)) / 1e9,
    interrupted: surroundings.signal.aborted,
    ...collector.finish(),
    connections: sumConnections(results),
    workers: results.map(({ worker }) => worker),
    toolVerdict: null,
    notes: notesOf(results),
  }
}

async function runSenders(
  plan: LoadPlan,
  { signal, emit }: LoadSurroundings,
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
      for (const sender of senders) sender.start(startNs)
    } else if (message.kind === 'outcomes') collector.add(message.second, message.sent, message.rows)
  }
  const senders = Array.from(
    { length: plan.workers },
    (_, worker) => new SenderProcess({ plan, worker }, (message) => hear(worker, message)),
  )
  const stop = (): void => senders.forEach((sender) => sender.stop())
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await Promise.all(senders.map(({ result }) => result))
  } finally {
    signal.removeEventListener('abort', stop)
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

function notesOf(results: readonly SenderResult[]): readonly string[] {
  const requests = results.reduce((sum, { waited }) => sum + waited.requests, 0)
  if (requests === 0) return []
  const longestMs = Math.max(...results.map(({ waited }) => waited.longestNs)) / 1e6
  return [
    `${requests} requests found every connection busy and waited for one, up to ${longestMs.toFixed(1)} ms; the wait is in their response times`,
  ]
}
