import type { LoadEngine } from '../engine.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import type { LoadModel } from '../load-plan.ts'
import { measureWithSenders } from '../worker/measure-with-senders.ts'
import type { OpenResult } from './run-sender.ts'

const entry = new URL(`./sender.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Our own sender: arrivals that wait for nobody, over connections held open, in `plan.workers` processes. Requests leave
 * up to 1.25 ms before they are due; response times count from the intended start, or from when a request left if that
 * was earlier. Users and peak are closed loops over the same connections, without response times.
 */
export const openEngine: LoadEngine = async (plan, surroundings) => {
  const { results, measured } = await measureWithSenders<OpenResult>(entry, plan, surroundings)
  return {
    tool: { name: 'forgebench open', version: forgebenchVersion() },
    ...measured,
    toolVerdict: null,
    notes: [...waitNotes(plan.model, results), ...failureNotes(results)],
  }
}

function waitNotes({ kind }: LoadModel, results: readonly OpenResult[]): readonly string[] {
  const requests = results.reduce((sum, { waited }) => sum + waited.requests, 0)
  if (requests === 0) return []
  const longestMs = Math.max(...results.map(({ waited }) => waited.longestNs)) / 1e6
  const where = kind === 'arrivals' ? 'the wait is in their response times' : 'the wait is in no latency'
  return [
    `${requests} requests found every connection busy and waited for one, up to ${longestMs.toFixed(1)} ms; ${where}`,
  ]
}

function failureNotes(results: readonly OpenResult[]): readonly string[] {
  const failures: Record<string, number> = {}
  for (const [code, count] of results.flatMap(({ connectFailures }) => Object.entries(connectFailures))) {
    failures[code] = (failures[code] ?? 0) + count
  }
  const parts = Object.entries(failures).map(([code, count]) => `${count} ${code}`)
  return parts.length === 0 ? [] : [`connections that could not be opened: ${parts.join(', ')}`]
}
