import type { LoadEngine } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { measureWithSenders } from '../worker/measure-with-senders.ts'
import { guardedVersion } from './inner-client.ts'

const entry = new URL(`./autocannon.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * autocannon's HTTP client, kept from losing requests (see `AutocannonWire`), in `plan.workers` processes, with the models
 * of arrivals, the pool and the accounting of `open`: for peak throughput, or a second opinion on our own client. Its own
 * rate limiter sends a second's requests at once, and its histogram is wrong; both are left out.
 * @throws TargetError when a sender dies
 */
export const autocannonEngine: LoadEngine = async (plan, context) => {
  // A sender without a connection could not send its part.
  const workers = Math.min(plan.workers, plan.connections)
  const measured = await measureWithSenders(entry, { ...plan, workers }, context)
  return {
    tool: { name: 'autocannon', version: guardedVersion },
    ...measured,
    notes: [...notesOfPlan(plan), ...measured.notes],
  }
}

const notesOfPlan = ({ model, url }: LoadPlan): readonly string[] => [
  ...(model.kind === 'peak'
    ? [
        'a closed model: every connection waits for its answer before the next request, so that latencies are those of this load and of no given rate',
      ]
    : []),
  ...(url.startsWith('https:') ? ['autocannon does not verify TLS certificates'] : []),
]
