import { createRequire } from 'node:module'
import type { LoadEngine } from '../engine.ts'
import { measureWithSenders } from './measure-with-senders.ts'
import type { SenderResult } from './messages.ts'

const { version } = createRequire(import.meta.url)('undici/package.json') as { readonly version: string }
const entry = new URL(`./sender.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Our own sender: arrivals that wait for nobody, over connections held open, in `plan.workers` processes. Response times
 * count from the intended start. Users and peak are closed loops over the same connections.
 */
export const openEngine: LoadEngine = async (plan, surroundings) => {
  const { results, measured } = await measureWithSenders<SenderResult>(entry, plan, surroundings)
  return {
    tool: { name: 'forgebench open', version: `undici ${version}` },
    ...measured,
    toolVerdict: null,
    notes: notesOf(results),
  }
}

function notesOf(results: readonly SenderResult[]): readonly string[] {
  const requests = results.reduce((sum, { waited }) => sum + waited.requests, 0)
  if (requests === 0) return []
  const longestMs = Math.max(...results.map(({ waited }) => waited.longestNs)) / 1e6
  return [
    `${requests} requests found every connection busy and waited for one, up to ${longestMs.toFixed(1)} ms; the wait is in their response times`,
  ]
}
