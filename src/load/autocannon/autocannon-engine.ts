import { UsageError } from '../../core/errors.ts'
import { formatNumber, plural } from '../../core/number-format.ts'
import type { LoadEngine } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { measureWithSenders } from '../worker/measure-with-senders.ts'
import { guardedVersion } from './inner-client.ts'
import type { AutocannonResult } from './run-sender.ts'

const entry = new URL(`./autocannon.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * autocannon's HTTP client, kept from losing requests (see `GuardedClient`), in `plan.workers` processes: a closed loop
 * for peak throughput, or arrivals for a second opinion on `open`. Its own rate limiter sends a second's requests at
 * once, and its histogram is wrong; both are left out.
 * @throws UsageError for users who think; TargetError when a sender dies
 */
export const autocannonEngine: LoadEngine = async (plan, surroundings) => {
  if (plan.model.kind === 'users') {
    throw new UsageError(
      'AUTOCANNON_USERS',
      'autocannon knows no users who think between requests; use --engine open or k6, or leave out --users',
    )
  }
  // A sender without a connection could not send its part.
  const workers = Math.min(plan.workers, plan.connections)
  const { results, measured } = await measureWithSenders<AutocannonResult>(
    entry,
    { ...plan, workers },
    surroundings,
  )
  return {
    tool: { name: 'autocannon', version: guardedVersion },
    ...measured,
    toolVerdict: null,
    notes: [...notesOfPlan(plan), ...notesOfResults(results)],
  }
}

function notesOfPlan({ model, url, stages }: LoadPlan): readonly string[] {
  const notes = []
  if (model.kind === 'peak') {
    notes.push(
      'a closed loop: every connection waits for its answer before it asks again, so that latencies are those of this load and of no given rate',
    )
    if (stages.some(({ toLevel }) => toLevel !== 1)) {
      notes.push('a closed loop without users has no levels: all stages ran with all connections')
    }
  }
  if (model.kind === 'arrivals') {
    notes.push(
      'response times of autocannon include its own lateness of sends: timers of whole milliseconds start a request up to about 1 ms late; open sends that much early in place of late',
    )
  }
  if (url.startsWith('https:')) notes.push('autocannon does not verify TLS certificates')
  return notes
}

function notesOfResults(results: readonly AutocannonResult[]): readonly string[] {
  const notes = []
  const waited = results.reduce((sum, { waited: { requests } }) => sum + requests, 0)
  if (waited > 0) {
    const longestMs = Math.max(...results.map(({ waited: { longestNs } }) => longestNs)) / 1e6
    notes.push(
      `${plural(waited, 'request')} found every connection busy and waited for one, up to ${formatNumber(longestMs)} ms; the wait is in their response times`,
    )
  }
  const failures = new Map<string, number>()
  for (const [code, count] of results.flatMap((result) => Object.entries(result.failures))) {
    failures.set(code, (failures.get(code) ?? 0) + count)
  }
  if (failures.size > 0) {
    const list = [...failures].map(([code, count]) => `${code} (${plural(count, 'time')})`).join(', ')
    notes.push(`no connection could be made: ${list}`)
  }
  const gaveUp = results.filter((result) => result.gaveUp).map(({ drivenNs }) => drivenNs / 1e9)
  if (gaveUp.length > 0) {
    notes.push(
      `ended by itself after ${formatNumber(Math.max(...gaveUp))} s: nobody had listened for 3 s, so the rest was not sent`,
    )
  }
  return notes
}
