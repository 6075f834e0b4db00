import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnvironment } from '../../core/child-environment.ts'
import { TargetError, UsageError } from '../../core/errors.ts'
import { plannedSeconds } from '../../core/load-stages.ts'
import type { LoadMeasurement, LoadWorker } from '../../run/load/load-run.ts'
import { loadProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import { shownPath } from '../../scenario/script/script-file.ts'
import { widthOf } from '../../run/load/execution-segment.ts'
import { parseSegment } from '../collect/segments.ts'
import type { LoadContext, LoadEngine } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { k6Tls } from '../target/load-tls.ts'
import { findK6, type K6 } from './find-k6.ts'
import { checkK6Arguments, segmentOf } from './k6-arguments.ts'
import { runK6, type K6End } from './k6-process.ts'
import { K6Reader } from './k6-reader.ts'
import { k6CannotImport, withK6Script } from './k6-script.ts'
import { k6Variables } from './k6-variables.ts'

/** Exit codes of k6: https://pkg.go.dev/go.k6.io/k6/v2/errext/exitcodes */
const k6Exit = { fine: 0, thresholds: 99, interrupted: 105, aborted: 108 } as const

/**
 * Sends a load with k6 2.x, as a process of its own, and reads every request back from its CSV.
 * @throws UsageError when k6 is missing or too old, or refuses the profile or the user's arguments for it;
 * TargetError when it dies
 */
export const k6Engine: LoadEngine = async (plan, context) => {
  const args = checkK6Arguments(context.toolArgs ?? [])
  const variables = k6Variables(plan, context.thresholds)
  const k6 = await findK6()
  const segment = segmentOf(args)
  const segments = segment === null ? 1 : 1 / widthOf(parseSegment(segment, '--execution-segment'))
  return withK6Script(plan, (script, folder) => {
    const summary = join(folder, 'summary.json')
    const own = { ...variables, DATA: plan.dataPath, SUMMARY: summary, SEGMENTS: String(segments) }
    return measure(k6, plan, context, { args, segment, variables: own, script, summary })
  })
}

const ownArguments = '--no-usage-report --quiet --no-color --log-format json --out csv=-'.split(' ')

interface Preparation {
  readonly args: readonly string[]
  /** The part of the load that it is; null for the whole. */
  readonly segment: string | null
  readonly variables: Readonly<Record<string, string>>
  readonly script: string
  /** Where k6 writes what it says of thresholds. */
  readonly summary: string
}

async function measure(
  k6: K6,
  plan: LoadPlan,
  { signal, emit, early }: LoadContext,
  { args, segment, variables, script, summary }: Preparation,
): Promise<LoadMeasurement> {
  const sending = await loadProfileForSending(plan)
  const tls = k6Tls(plan.tls)
  const reader = new K6Reader(plan, {
    emit,
    ...(early === undefined ? {} : { early }),
  })
  emit({ kind: 'step', text: `k6 ${k6.version} makes its virtual users` })
  const end = await runK6({
    path: k6.path,
    args: ['run', ...ownArguments, ...tls.args, ...args, script],
    env: {
      ...k6Environment(plan.tokenEnv),
      ...variables,
      ...tls.variables,
      K6_CSV_TIME_FORMAT: 'unix_micro',
    },
    signal: early === undefined ? signal : AbortSignal.any([signal, early.enough]),
    patienceMs: plan.timeoutMs + 15_000,
    onRow: (row) => reader.read(row),
    onWarning: (text) => emit({ kind: 'warning', text: `k6: ${text}` }),
  })
  const wasEnough = early?.enough.aborted === true
  const wasStopped =
    wasEnough || (end.exitCode === k6Exit.aborted && end.errors.some((text) => text.includes('MAX_REQUESTS')))
  if (!isRegularEnd(end, signal, wasStopped)) throw deathOf(end, k6, plan)
  const account = reader.finish(sending, plan.maxConnections ?? plan.connections)
  const seconds = drivenSeconds(reader, plan, signal.aborted || wasStopped)
  const failedThresholds = await readFailedThresholds(summary)
  const ownExit = failedThresholds.length > 0 ? k6Exit.thresholds : k6Exit.fine
  return {
    tool: { name: 'k6', version: k6.version },
    seconds,
    interrupted: signal.aborted,
    ...(segment === null ? {} : { segment }),
    ...account,
    lateness: null,
    workers: workersOf(end, reader, seconds),
    toolVerdict: { exitCode: wasStopped ? ownExit : end.exitCode, failedThresholds },
    notes: notesOf(end, plan, account),
  }
}

/** The variables of k6 itself are the user's to set, such as where an output of theirs is and its token. */
const k6Environment = (tokenEnv: string | null): Readonly<Record<string, string>> =>
  childEnvironment([tokenEnv, ...Object.keys(process.env).filter((name) => name.startsWith('K6_'))])

const isRegularEnd = ({ exitCode }: K6End, { aborted }: AbortSignal, wasStopped: boolean): boolean =>
  exitCode === k6Exit.fine || exitCode === k6Exit.thresholds || wasStopped || aborted

/** Why k6 did not do its work, in one line: a mistake of the profile or of its arguments, or its own end. */
function deathOf({ exitCode, killedBy, errors }: K6End, { path }: K6, { profilePath }: LoadPlan): Error {
  const [first = '', second = ''] = (errors[0] ?? '').split('\n')
  const said = first.endsWith(':') ? `${first} ${second.replace(/^\s*-?\s*/, '')}` : first
  const missing = /moduleSpecifier \\?"([^"\\]+)\\?"/.exec(said)?.[1]
  if (missing !== undefined) return k6CannotImport(profilePath, missing)
  if (killedBy !== null) return new TargetError('K6_DIED', `${path} was killed (${killedBy}): ${said}`)
  return exitCode === 104 || exitCode === 107 || exitCode === 255
    ? new UsageError(
        'K6_REFUSED',
        `k6 refuses ${shownPath(profilePath)} or its arguments: ${said.replace(/^could not initialize '[^']*': /, '')}`,
      )
    : new TargetError('K6_DIED', `${path} ended with exit code ${exitCode}: ${said}`)
}

function drivenSeconds({ startMs, lastEndMs }: K6Reader, plan: LoadPlan, isShort: boolean): number {
  const planned = plannedSeconds(plan)
  if (startMs === null) return isShort ? 0 : planned
  return isShort ? Math.min(planned, Math.max(0, lastEndMs - startMs) / 1000) : planned
}

async function readFailedThresholds(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  const { failedThresholds = [] } = JSON.parse(text) as { readonly failedThresholds?: readonly string[] }
  return failedThresholds
}

/** k6 is one process of many threads, without an event loop of its own to speak of. */
function workersOf(
  { usage, maxRssBytes }: K6End,
  { startMs, lastEndMs }: K6Reader,
  seconds: number,
): readonly LoadWorker[] {
  const during = usage.filter(({ atMs }) => startMs !== null && atMs >= startMs && atMs <= lastEndMs)
  const [first, last] = [during[0], during.at(-1)]
  if (first === undefined || last === undefined || last.atMs <= first.atMs || seconds === 0) return []
  const cpuShare = (last.cpuSeconds - first.cpuSeconds) / ((last.atMs - first.atMs) / 1000)
  return [{ cpuShare, loopUtilization: null, loopLagP99Ns: null, loopLagMaxNs: null, maxRssBytes }]
}

function notesOf(
  { errors }: K6End,
  { model }: LoadPlan,
  { accounting }: Pick<LoadMeasurement, 'accounting'>,
): readonly string[] {
  const complaints = errors.filter(
    (text) => !/^thresholds on metrics|MAX_REQUESTS|^test run was aborted/.test(text),
  )
  const isDropping = accounting.some(({ neverSent }) => neverSent > 0)
  return [
    'k6 knows no intended start: its latencies are service times, without the time that a request was late.',
    'k6 counts from sending; the time to connect is left out, and a refused connection took 0 ms.',
    'Go repeats a GET in silence when a connection that it had used before is closed: losses may be hidden; compare with what the target counted.',
    ...(isDropping && model.kind === 'open-model'
      ? ['k6 drops a request for which no virtual user is free: give it more with --connections.']
      : []),
    ...complaints.slice(0, 3).map((text) => `k6: ${text.split('\n')[0]}`),
  ]
}
