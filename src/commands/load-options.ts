import { resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { UsageError } from '../core/errors.ts'
import type { CompareVariantsOptions } from '../engine/compare/comparison.ts'
import { loadEngineNames, type LoadEngineName } from '../engine/load/load-engines.ts'
import type { LoadOptions } from '../engine/load/plan-load.ts'
import type { LoadThreshold } from '../engine/load/prepare-load.ts'
import { checkK6Arguments } from '../load/k6/k6-arguments.ts'
import type { LoadTls } from '../load/target/load-tls.ts'
import type { LoadModel } from '../load/load-plan.ts'
import { baseUrl, parseLoadUrl } from '../load/target/target-url.ts'
import { defaultProfile } from '../reference/defaults.ts'
import { parseThreshold } from '../run/threshold.ts'
import { decimalNumber, wholeNumber, type JsonOption } from './console.ts'

export interface LoadFlags {
  readonly url?: string
  readonly profile: string
  readonly mix?: string
  readonly engine?: LoadEngineName | 'k6-operator'
  readonly rate?: number
  readonly users?: number
  readonly peak?: true
  readonly arrivals: 'uniform' | 'poisson'
  readonly connections?: number
  readonly maxConnections?: number
  readonly connectRate: number
  readonly duration?: number
  readonly workers?: number
  readonly timeout: number
  readonly seed: number
  readonly maxRequests: number
  readonly floor: boolean
  readonly threshold: readonly LoadThreshold[]
  readonly db?: string
  readonly authTokenEnv?: string
  readonly caFile?: string
  readonly insecure?: true
  readonly dbAuthTokenEnv?: string
  readonly allowHost: readonly string[]
  readonly data?: string
  readonly drawData?: true
  readonly collect?: readonly string[]
  readonly compareVariants?: readonly string[]
  readonly scenario: string
  readonly scale: number
  readonly rounds: number
  readonly print?: true
  readonly parallelism: number
  readonly name: string
  readonly image?: string
  readonly tokenSecret?: string
  readonly archive?: string
  readonly volumeClaim?: string
  readonly out?: string
  readonly json?: JsonOption
}

export const defaultEngine = 'open'

/** Requests a second unless an option says how many. */
const defaultRate = 100

/** Adds what says how a load is sent. */
export function sendingOptions(command: Command): Command {
  return command
    .optionsGroup('What is sent:')
    .option('--url <url>', 'where the API listens, such as http://127.0.0.1:8787')
    .option('--profile <name>', 'what is sent: an id as in «forgebench list», or a path', defaultProfile)
    .option('--mix <name>', 'mix of requests in the profile; default: its first')
    .addOption(
      new Option('--engine <name>', `what sends it; default ${defaultEngine}`).choices([
        ...loadEngineNames,
        'k6-operator',
      ]),
    )
    .addOption(
      new Option('--rate <n>', `an open model: arrivals a second; default ${defaultRate}`)
        .argParser(decimalNumber(0.1, 1_000_000))
        .conflicts(['users', 'peak']),
    )
    .addOption(
      new Option('--users <n>', 'a closed model: users with think time between requests')
        .argParser(wholeNumber(1, 1_000_000))
        .conflicts('peak'),
    )
    .option('--peak', 'as fast as the answers allow, a request at a time on each connection')
    .addOption(
      new Option('--arrivals <spacing>', 'spacing of the arrivals')
        .choices(['uniform', 'poisson'])
        .default('uniform'),
    )
    .option(
      '--duration <s>',
      'seconds of load, ramp included; default: as in the profile',
      decimalNumber(1, 86_400),
    )
    .option(
      '--connections <n>',
      'connections held open; default: as many as rate and answers need',
      wholeNumber(1, 200_000),
    )
    .addOption(
      new Option('--max-connections <n>', 'how far they may grow by themselves; default 10000')
        .argParser(wholeNumber(1, 200_000))
        .conflicts(['connections', 'users', 'peak']),
    )
    .option('--connect-rate <n>', 'connections opened a second', decimalNumber(1, 100_000), 1000)
    .option('--workers <n>', 'processes that send; default: as the rate needs', wholeNumber(1, 64))
    .option('--timeout <ms>', 'how long an answer may take', wholeNumber(1, 600_000), 10_000)
    .option('--seed <n>', 'seed of the sequence of requests', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--max-requests <n>', 'no more requests than this are sent', wholeNumber(1, 2 ** 31), 1_000_000)
    .option('--no-floor', 'do not measure first what this machine can do without the target')
}

/** Adds what says which target may be loaded, with which rows, and what is made of it. */
export function targetOptions(command: Command): Command {
  return command
    .optionsGroup('Target and result:')
    .addOption(
      new Option(
        '--threshold <metric=expression>',
        "in k6's syntax, such as 'http_req_duration{op:list}=p(95)<200'; in place of the profile's for that metric",
      )
        .argParser(collectThresholds)
        .default([], "the profile's"),
    )
    .option('--db <location>', 'the database behind the API: rows are counted before and afterwards')
    .option('--auth-token-env <name>', 'environment variable that holds a bearer token for the API')
    .option('--ca-file <file>', 'certificates (PEM) that are trusted too, for every engine')
    .option('--insecure', 'check no certificate of the target')
    .option('--db-auth-token-env <name>', 'environment variable that holds a token for --db')
    .addOption(
      new Option('--allow-host <name>', 'a host besides this machine that may be loaded')
        .argParser(collectTexts)
        .default([], 'none'),
    )
    .option('--data <file>', "other rows than the profile's own, as --draw-data makes them")
    .option(
      '--out <folder>',
      'where the Run and the report go, «reports» unless given; with --draw-data and --print a file, stdout unless given',
    )
    .option('--json [file]', 'also write the Run to a file, or to stdout in place of the table')
}

/** Adds what `forgebench load` does in place of a load from this machine. */
export function otherOptions(command: Command): Command {
  return command
    .optionsGroup('In place of a load from this machine:')
    .option('--draw-data', 'draw the rows of the profile from --db')
    .addOption(
      new Option(
        '--collect <files...>',
        'merge summaries or logs of k6 pods, or Runs of several machines, into one Run',
      ).conflicts(['url', 'print', 'drawData']),
    )
    .option(
      '--compare-variants <ids>',
      'serve variants of a scenario, such as baseline,composite, and load them in turns',
      (text: string) => text.split(',').map((id) => id.trim()),
    )
    .option('--scenario <id>', 'the scenario that has the variants', 'indexes/composite')
    .option('--scale <n>', 'size of the data behind the variants', decimalNumber(0.01, 100), 1)
    .option(
      '--rounds <n>',
      'fresh processes of a comparison; 6 or more give 95 % intervals',
      wholeNumber(1, 100),
      7,
    )
    .option('--print', 'with --engine k6-operator: print its manifests')
    .option('--parallelism <n>', 'pods that share the load', wholeNumber(1, 1000), 2)
    .option('--name <name>', 'name of the TestRun and of its ConfigMap', 'forgebench-load')
    .option('--image <image>', 'image of the pods; default: the k6 that our scripts are tested with')
    .option('--token-secret <name/key>', 'secret of the cluster that holds the token of --auth-token-env')
    .option('--archive <file>', 'also write an archive of k6, for a load that a ConfigMap cannot hold')
    .option('--volume-claim <name>', 'volume that you put the archive on')
}

const collectTexts = (text: string, before: readonly string[]): readonly string[] => [...before, text]

function collectThresholds(text: string, before: readonly LoadThreshold[]): readonly LoadThreshold[] {
  const [, metric, expression] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (metric === undefined || expression === undefined) {
    throw new InvalidArgumentError("it must be metric=expression, such as 'http_req_duration=p(95)<200'")
  }
  parseThreshold(metric, expression, { place: '--threshold' })
  return [...before, { metric, expression }]
}

/** The URL that is to be loaded. @throws UsageError */
export function urlOf({ url }: Pick<LoadFlags, 'url'>): URL {
  if (url === undefined) {
    throw new UsageError(
      'URL_MISSING',
      '--url is missing; start the API with «forgebench serve» and write --url http://127.0.0.1:8787',
    )
  }
  return parseLoadUrl(url)
}

/** @throws UsageError for words that mean nothing here, before anything is announced */
export function refuseToolArgs(toolArgs: readonly string[], { engine = defaultEngine }: LoadFlags): void {
  if (engine === 'k6' || engine === 'k6-operator') return void checkK6Arguments(toolArgs)
  if (toolArgs.length === 0) return
  throw new UsageError(
    'UNEXPECTED_ARGUMENTS',
    `${toolArgs.join(' ')}: ${engine} takes no arguments; the URL is given with --url, the profile with --profile`,
  )
}

/** What the flags say of the load. */
export function loadOptionsOf(flags: LoadFlags, url: URL): LoadOptions {
  return {
    url: baseUrl(url),
    mix: flags.mix,
    seed: flags.seed,
    model: modelOf(flags),
    whenBusy: flags.engine?.startsWith('k6') === true ? 'drops' : 'waits',
    seconds: flags.duration,
    connections: flags.connections,
    maxConnections: flags.maxConnections,
    connectRatePerSec: flags.connectRate,
    timeoutMs: flags.timeout,
    maxRequests: flags.maxRequests,
    workers: flags.workers,
    tokenEnv: flags.authTokenEnv ?? null,
    tls: tlsOf(flags),
    dataPath: flags.data === undefined ? undefined : resolve(flags.data),
  }
}

function tlsOf({ caFile, insecure }: LoadFlags): LoadTls | undefined {
  if (caFile === undefined && insecure === undefined) return undefined
  return { caFile: caFile === undefined ? null : resolve(caFile), insecure: insecure === true }
}

/** autocannon is asked for the highest throughput unless somebody says otherwise: that is what it is best at. */
function modelOf({ engine, rate, users, peak, arrivals }: LoadFlags): LoadModel {
  if (users !== undefined) return { kind: 'closed-model', users }
  if (peak === true || (engine === 'autocannon' && rate === undefined)) return { kind: 'peak' }
  return { kind: 'open-model', ratePerSec: rate ?? defaultRate, spacing: arrivals }
}

/**
 * Engine and model of a comparison: the highest throughput, by the engine that is best at it, unless a rate is given.
 * @throws UsageError for what cannot be compared
 */
export function comparedLoad(flags: LoadFlags): Pick<CompareVariantsOptions, 'engine' | 'model'> {
  const { rate, users, arrivals, engine = rate === undefined ? 'autocannon' : 'open' } = flags
  if (users !== undefined || (engine !== 'open' && engine !== 'autocannon')) {
    throw new UsageError(
      'COMPARE_ENGINE',
      '--compare-variants measures the highest throughput, or --rate, with --engine open or autocannon',
    )
  }
  const model =
    rate === undefined
      ? { kind: 'peak' as const }
      : { kind: 'open-model' as const, ratePerSec: rate, spacing: arrivals }
  return { engine, model }
}
