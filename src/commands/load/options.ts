import { resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import type { LoadEngineName } from '../../engine/load/load-engines.ts'
import type { LoadOptions } from '../../engine/load/plan-load.ts'
import type { LoadThreshold } from '../../engine/load/prepare-load.ts'
import type { LoadModel } from '../../load/load-plan.ts'
import type { LoadTls } from '../../load/target/load-tls.ts'
import { baseUrl, parseLoadUrl } from '../../load/target/target-url.ts'
import { defaultProfile } from '../../reference/defaults.ts'
import { parseThreshold } from '../../run/threshold.ts'
import { decimalNumber, wholeNumber, type JsonOption } from '../console.ts'

/** What is sent, by an engine here or by pods. */
export interface SentFlags {
  readonly url?: string
  readonly profile: string
  readonly mix?: string
  readonly rate?: number
  readonly users?: number
  readonly peak?: true
  readonly arrivals: 'uniform' | 'poisson'
  readonly duration?: number
  readonly connections?: number
  readonly maxConnections?: number
  readonly timeout: number
  readonly seed: number
  readonly maxRequests: number
  readonly threshold: readonly LoadThreshold[]
  readonly data?: string
  readonly authTokenEnv?: string
  readonly insecure?: true
}

/** Where a Run goes. */
export interface OutFlags {
  readonly out: string
  readonly json?: JsonOption
}

/** Requests a second unless an option says how many. */
const defaultRate = 100
/** Connections opened a second. */
export const defaultConnectRate = 1000

export const profileOption = (): Option =>
  new Option('--profile <name>', 'what is sent: an id as in «forgebench list», or a path').default(
    defaultProfile,
  )
export const mixOption = (): Option =>
  new Option('--mix <name>', 'mix of requests in the profile; default: its first')
export const rateOption = (standard: string): Option =>
  new Option('--rate <n>', `arrivals a second (open model); default: ${standard}`).argParser(
    decimalNumber(0.1, 1_000_000),
  )
export const arrivalsOption = (): Option =>
  new Option('--arrivals <spacing>', 'spacing of the arrivals')
    .choices(['uniform', 'poisson'])
    .default('uniform')
export const timeoutOption = (): Option =>
  new Option('--timeout <ms>', 'how long an answer may take')
    .argParser(wholeNumber(1, 600_000))
    .default(10_000)
export const seedOption = (): Option =>
  new Option('--seed <n>', 'seed of the sequence of requests')
    .argParser(wholeNumber(0, 2 ** 32 - 1))
    .default(1)

/** Adds where the Run goes. */
export const outOptions = (command: Command): Command =>
  command
    .option('--out <folder>', 'where the Run and the report go', 'reports')
    .option('--json [file]', 'also write the Run to a file, or to stdout in place of the table')

/** Adds what says which requests are sent to which API, and how fast. */
export const sentOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'where the API listens, such as http://127.0.0.1:8787')
    .addOption(profileOption())
    .addOption(mixOption())
    .addOption(rateOption(String(defaultRate)).conflicts(['users', 'peak']))
    .addOption(
      new Option('--users <n>', 'users with think time (closed model)')
        .argParser(wholeNumber(1, 1_000_000))
        .conflicts('peak'),
    )
    .option('--peak', 'as fast as answers allow, one request at a time on each connection')
    .addOption(arrivalsOption().conflicts(['users', 'peak']))
    .option('--duration <s>', 'seconds, ramp included; default: as in the profile', decimalNumber(1, 86_400))
    .option('--connections <n>', 'default: as many as rate and answers need', wholeNumber(1, 200_000))
    .addOption(
      new Option('--max-connections <n>', 'how far they may grow by themselves; default 10000')
        .argParser(wholeNumber(1, 200_000))
        .conflicts(['connections', 'users', 'peak']),
    )
    .addOption(timeoutOption())
    .addOption(seedOption())
    .option('--max-requests <n>', 'no more requests than this are sent', wholeNumber(1, 2 ** 31), 1_000_000)
    .addOption(
      new Option(
        '--threshold <metric=expr>',
        "in k6's syntax: 'http_req_duration{op:list}=p(95)<200'; repeatable",
      )
        .argParser(addThreshold)
        .default([], "the profile's"),
    )
    .option('--data <file>', "other rows than the profile's own, as load draw-data makes them")
    .option('--auth-token-env <name>', 'environment variable with a bearer token for the API')
    .option('--insecure', 'check no certificate of the target')

function addThreshold(text: string, before: readonly LoadThreshold[]): readonly LoadThreshold[] {
  const [, metric, expression] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (metric === undefined || expression === undefined) {
    throw new InvalidArgumentError("it must be metric=expression, such as 'http_req_duration=p(95)<200'")
  }
  parseThreshold(metric, expression, { place: '--threshold' })
  return [...before, { metric, expression }]
}

/** The URL that is to be loaded. @throws UsageError */
export function urlOf({ url }: Pick<SentFlags, 'url'>): URL {
  if (url === undefined) {
    throw new UsageError(
      'URL_MISSING',
      '--url is missing; start the API with «forgebench serve» and write --url http://127.0.0.1:8787',
    )
  }
  return parseLoadUrl(url)
}

/** What says how an engine sends. */
export interface EngineFlags {
  readonly engine: LoadEngineName
  readonly connectRate: number
  readonly workers?: number
  readonly caFile?: string
}

/** What flags say of a load. @throws UsageError for the URL */
export const loadOptionsOf = (flags: SentFlags, engine: EngineFlags): LoadOptions => ({
  url: baseUrl(urlOf(flags)),
  mix: flags.mix,
  seed: flags.seed,
  model: modelOf(flags, engine),
  whenBusy: engine.engine === 'k6' ? 'drops' : 'waits',
  seconds: flags.duration,
  connections: flags.connections,
  maxConnections: flags.maxConnections,
  connectRatePerSec: engine.connectRate,
  timeoutMs: flags.timeout,
  maxRequests: flags.maxRequests,
  workers: engine.workers,
  tokenEnv: flags.authTokenEnv ?? null,
  tls: tlsOf({ ...flags, ...engine }),
  dataPath: flags.data === undefined ? undefined : resolve(flags.data),
})

/** autocannon is asked for the highest throughput unless an option says otherwise: that is what it is best at. */
function modelOf({ rate, users, peak, arrivals }: SentFlags, { engine }: EngineFlags): LoadModel {
  if (users !== undefined) return { kind: 'closed-model', users }
  if (peak === true || (engine === 'autocannon' && rate === undefined)) return { kind: 'peak' }
  return { kind: 'open-model', ratePerSec: rate ?? defaultRate, spacing: arrivals }
}

function tlsOf({ caFile, insecure }: SentFlags & EngineFlags): LoadTls | undefined {
  if (caFile === undefined && insecure === undefined) return undefined
  return { caFile: caFile === undefined ? null : resolve(caFile), insecure: insecure === true }
}
