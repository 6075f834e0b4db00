import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A libSQL server (sqld) to be started: one process with a folder of its own, on addresses of this machine. */
export interface SqldLaunch {
  /** The server's database and log files. */
  readonly folder: string
  /** Where it takes `http://` and `ws://`. */
  readonly port: number
  /** Where it answers `/v1/namespaces/default/stats` and `/metrics`. */
  readonly adminPort?: number | undefined
  /** Where replicas are fed from. */
  readonly grpcPort?: number | undefined
  /** `grpcPort` of the primary that this server is a replica of. */
  readonly primaryGrpcPort?: number | undefined
  /** File with the Ed25519 public key (PEM) of the tokens that it takes; without it everybody may ask. */
  readonly jwtKeyPath?: string | undefined
}

/** The command line of `sqld`. No secret stands in it: a process list shows it to everybody. */
export function sqldArguments(launch: SqldLaunch): readonly string[] {
  const address = (option: string, port: number | undefined, scheme = ''): readonly string[] =>
    port === undefined ? [] : [option, `${scheme}127.0.0.1:${port}`]
  return [
    '--db-path',
    launch.folder,
    '--no-welcome',
    ...address('--http-listen-addr', launch.port),
    ...address('--admin-listen-addr', launch.adminPort),
    ...address('--grpc-listen-addr', launch.grpcPort),
    ...address('--primary-grpc-url', launch.primaryGrpcPort, 'http://'),
    ...(launch.jwtKeyPath === undefined ? [] : ['--auth-jwt-key-file', launch.jwtKeyPath]),
  ]
}

const readyTimeoutMs = 20_000
const betweenAskingsMs = 20

/** Waits until a server answers `GET /health`; false when its process is gone, or after 20 seconds. */
export async function waitUntilHealthy(url: string, isGone: () => boolean): Promise<boolean> {
  const deadlineMs = performance.now() + readyTimeoutMs
  while (performance.now() < deadlineMs && !isGone()) {
    if (await isHealthy(url)) return true
    await sleep(betweenAskingsMs)
  }
  return false
}

/** Whether a server answers `GET /health`, which needs no token. */
export async function isHealthy(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.ok === true
}

/** The last line that a server wrote into its log, without its time; empty when there is none. */
export async function lastLogLine(logPath: string): Promise<string> {
  const text = await readFile(logPath, 'utf8').catch(() => '')
  const line = text.trim().split('\n').at(-1) ?? ''
  return line.replace(/^\d{4}-\d\d-\d\dT\S+\s+/, '').trim()
}
