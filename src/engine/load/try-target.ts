import { TargetError } from '../../core/errors.ts'
import { preflight, type ServerFacts } from '../../load/target/preflight.ts'
import { probe, type Probe } from '../../load/target/probe.ts'
import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import type { LoadEngineName } from './load-engines.ts'
import type { PreparedLoad } from './prepare-load.ts'

/** What is known of a target before it is loaded. */
export interface TriedTarget {
  readonly server: ServerFacts
  readonly probe: Probe
  /** What is odd about it, and a reader of the result must know. */
  readonly notes: readonly string[]
}

/** How far into a sequence GETs are looked for, and how many tell how fast the target answers. */
const furthest = 10_000
const probes = 5

/**
 * Tries the target with a GET of the load, and learns from a few how fast it answers; what writes is not tried.
 * @throws as `preflight`
 */
export async function tryTarget(
  prepared: PreparedLoad,
  token: string | undefined,
  engine: LoadEngineName,
): Promise<TriedTarget> {
  const { url, tls } = prepared.plan
  const insecure =
    tls?.insecure === true
      ? ['--insecure: the certificate of the target is not checked; whoever is between may read and answer']
      : []
  try {
    const tried = await tryGets(prepared, token)
    return { ...tried, notes: [...insecure, ...tried.notes] }
  } catch (error) {
    const isHttp2 = error instanceof TargetError && error.code === 'TARGET_HTTP2_ONLY'
    if (!isHttp2 || engine !== 'k6' || !url.startsWith('https:')) throw error
    const note = 'the target speaks HTTP/2 alone: it was not tried before the load, and k6 speaks that'
    return { server: {}, probe: { requests: 0, medianNs: 0, maxNs: 0 }, notes: [...insecure, note] }
  }
}

async function tryGets(
  { loaded, plan, sequence }: PreparedLoad,
  token: string | undefined,
): Promise<TriedTarget> {
  const { url, timeoutMs, tls } = plan
  const gets: PlannedRequest[] = []
  for (let index = 0; index < furthest && gets.length < probes; index += 1) {
    const planned = sequence(index)
    if (planned.method === 'GET') gets.push(planned)
  }
  const [first, ...others] = gets
  const status = loaded.profile.requests.find(({ id }) => id === first?.op)?.status ?? null
  const path = first?.path ?? '/'
  const { server, latencyNs, notes } = await preflight({ url, path, status, timeoutMs, token, tls })
  const paths = others.map((planned) => planned.path)
  return { server, notes, probe: await probe({ url, paths, firstNs: latencyNs, timeoutMs, token, tls }) }
}
