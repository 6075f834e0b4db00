import { Agent, request } from 'undici'
import type { LoadRun } from '../run/load-run.ts'
import { tlsOptions, type LoadTls } from './load-tls.ts'

/** What is asked of a target to learn how fast it answers. */
export interface ProbeRequest {
  /** Base URL without a trailing slash. */
  readonly url: string
  /** Paths of GETs of the load. */
  readonly paths: readonly string[]
  /** What the preflight's own GET took: the first sample. */
  readonly firstNs: number
  readonly timeoutMs: number
  readonly token: string | undefined
  readonly tls?: LoadTls | undefined
}

/** A target that answers slowly is asked no more: one answer tells enough. */
const longestMs = 300

/**
 * How long the target takes to answer while nobody else loads it: GETs one after the other over one connection. A request
 * that fails ends it; what was seen until then is returned.
 */
export async function probe({ url, paths, firstNs, timeoutMs, token, tls }: ProbeRequest): Promise<Probe> {
  const latenciesNs = [firstNs]
  const { ca, ...checks } = await tlsOptions(tls)
  const connect = { timeout: timeoutMs, ...checks, ...(ca === undefined ? {} : { ca: [...ca] }) }
  const dispatcher = new Agent({ connections: 1, connect })
  const headers = {
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  try {
    for (const path of paths) {
      if (latenciesNs.reduce((sum, each) => sum + each, 0) > longestMs * 1e6) break
      const askedMs = performance.now()
      const { body } = await request(url + path, {
        dispatcher,
        headers,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      })
      await body.dump()
      latenciesNs.push((performance.now() - askedMs) * 1e6)
    }
  } catch {
    // The load itself says what fails, and how often.
  } finally {
    await dispatcher.destroy()
  }
  const sorted = latenciesNs.map(Math.round).toSorted((a, b) => a - b)
  return {
    requests: sorted.length,
    medianNs: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
    maxNs: sorted.at(-1) ?? 0,
  }
}

export type Probe = NonNullable<LoadRun['probe']>
