import type { LoadEngine } from '../engine.ts'
import { forgebenchVersion } from '../../run/forgebench-version.ts'
import { measureWithSenders } from '../worker/measure-with-senders.ts'

const entry = new URL(`./sender.process${import.meta.url.slice(-3)}`, import.meta.url)

/**
 * Our own sender: an open model over connections held open, in `plan.workers` processes. Requests leave up to 1.25 ms
 * before they are due; response times count from the intended start, or from when a request left if that was earlier.
 * Users and peak are closed models over the same connections, without response times.
 */
export const openEngine: LoadEngine = async (plan, context) => ({
  tool: { name: 'forgebench open', version: forgebenchVersion() },
  ...(await measureWithSenders(entry, plan, context)),
})
