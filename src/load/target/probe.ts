import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LoadRun } from '../../run/load/load-run.ts'
import { askTarget, type AskOptions } from './ask-target.ts'

/** What is asked of a target to learn how fast it answers. */
export interface ProbeRequest extends Omit<AskOptions, 'agent'> {
  /** Base URL without a trailing slash. */
  readonly url: string
  /** Paths of GETs of the load. */
  readonly paths: readonly string[]
  /** What the preflight's own GET took: the first sample. */
  readonly firstNs: number
}

export type Probe = NonNullable<LoadRun['probe']>

/** A target that answers slowly is asked no more: one answer is enough. */
const longestMs = 300

/**
 * How long the target takes to answer without other load: GETs one after the other over one connection. A request
 * that fails ends it; what was seen until then is returned.
 */
export async function probe({ url, paths, firstNs, ...options }: ProbeRequest): Promise<Probe> {
  const latenciesNs = [firstNs]
  const agent = new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 })
  try {
    for (const path of paths) {
      if (latenciesNs.reduce((sum, each) => sum + each, 0) > longestMs * 1e6) break
      const { latencyNs } = await askTarget(url + path, { ...options, agent })
      latenciesNs.push(latencyNs)
    }
  } catch {
    // The load itself says what fails, and how often.
  } finally {
    agent.destroy()
  }
  const sorted = latenciesNs.map(Math.round).toSorted((a, b) => a - b)
  return {
    requests: sorted.length,
    medianNs: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
    maxNs: sorted.at(-1) ?? 0,
  }
}
