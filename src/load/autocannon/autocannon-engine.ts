import { UsageError } from '../../core/errors.ts'
import type { LoadEngine } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { measureWithSenders } from '../worker/measure-with-senders.ts'
import { guardedVersion } from './inner-client.ts'

const entry = new URL(`./autocannon.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * autocannon's HTTP client, kept from losing requests (see `GuardedClient`), in `plan.workers` processes: a closed model
 * for peak throughput, or an open model for a second opinion on `open`. Its own rate limiter sends a second's requests at
 * once, and its histogram is wrong; both are left out.
 * @throws UsageError for users with think time; TargetError when a sender dies
 */
export const autocannonEngine: LoadEngine = async (plan, context) => {
  if (plan.model.kind === 'closed-model') {
    throw new UsageError(
      'AUTOCANNON_USERS',
      'autocannon has no users with think time; use --engine open or k6, or leave out --users',
    )
  }
  // A sender without a connection could not send its part.
  const workers = Math.min(plan.workers, plan.connections)
  const measured = await measureWithSenders(entry, { ...plan, workers }, context)
  return {
    tool: { name: 'autocannon', version: guardedVersion },
    ...measured,
    notes: [...notesOfPlan(plan), ...measured.notes],
  }
}

function notesOfPlan({ model, url, stages }: LoadPlan): readonly string[] {
  const ofModel =
    model.kind === 'peak'
      ? [
          'a closed model: every connection waits for its answer before the next request, so that latencies are those of this load and of no given rate',
          ...(stages.every(({ toLevel }) => toLevel === 1)
            ? []
            : ['peak has no levels: all stages ran with all connections']),
        ]
      : [
          'response times of autocannon include its own lateness of sends: timers of whole milliseconds start a request up to about 1 ms late; open sends that much early in place of late',
        ]
  return url.startsWith('https:') ? [...ofModel, 'autocannon does not verify TLS certificates'] : ofModel
}
