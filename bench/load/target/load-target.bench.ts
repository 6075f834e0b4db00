/**
 * The review's target on the reference API: the highest rate of its mix with P95 < 200 ms and errors < 0.1 %, on a
 * machine that the sender shares. Usage:
 * `npm run bench:load:target -- [--seconds 8] [--repetitions 3] [--mix review] [--scale 1] [--workers 1] [--out reports/load]`
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { publish } from '../bench-report.ts'
import { monotonicMs } from '../calibration/monotonic.ts'
import { watchOtherWork } from '../other-work.ts'
import { say } from '../progress.ts'
import { readMeasurement } from '../rivals/forgebench.ts'
import { treeUsage } from '../rivals/process-tree.ts'
import { runTimed, type UsageSample } from '../rivals/timed-process.ts'
import { targetGoals, targetTable, type TargetResult } from './target-table.ts'
import { searchHighest } from './target-search.ts'
import { coresBetween, passes, targetStep, type TargetStep } from './target-step.ts'
import { plannedSeconds, type LoadPlan } from '../../../src/load/load-plan.ts'
import { loadProfile } from '../../../src/scenario/load-profile-file.ts'
import { stageDatabase } from '../../../src/stage/stage-databases.ts'
import { findSqld, startSqld } from '../../../src/target/sqld-process.ts'
import { planLoad } from '../../../src/engine/load/plan-load.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    repetitions: { type: 'string', default: '3' },
    mix: { type: 'string', multiple: true, default: ['review'] },
    scale: { type: 'string', default: '1' },
    workers: { type: 'string', multiple: true, default: ['1'] },
    from: { type: 'string', default: '1000' },
    limit: { type: 'string', default: '20000' },
    out: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const repetitions = Number(values.repetitions)
const cpus = availableParallelism()
const signal = new AbortController().signal
const dist = (path: string): string => fileURLToPath(new URL(`../../../dist/${path}`, import.meta.url))
const driver = fileURLToPath(new URL('../../../fixtures/load/run-engine.mjs', import.meta.url))
const profile = await loadProfile('load/prompts-api')

/** A running API on fresh data, and the processes behind it. */
interface Target {
  readonly url: string
  readonly apiPid: number
  readonly sqldPid: number | null
  readonly stop: () => Promise<void>
}

async function startTarget({ variant, driver, apiWorkers }: TargetResult['setting']): Promise<Target> {
  const migrations = variant === 'composite' ? ['composite-indexes'] : []
  if (driver === 'file') {
    const more = migrations.length === 0 ? [] : ['--migrations', migrations.join(',')]
    return serve([...more, '--analyze', '--scale', values.scale, '--seed', '1'], apiWorkers)
  }
  const data = { scale: Number(values.scale), seed: 1, ids: 'v4' } as const
  const plan = { data, migrations, statistics: 'analyzed' } as const
  const quiet = { signal, onSeeding: () => undefined, onStaged: () => undefined }
  const { path } = await stageDatabase(plan, quiet)
  const sqld = await startSqld({ databasePath: path })
  const api = await serve(['--db', sqld.url], apiWorkers)
  const stop = async (): Promise<void> => {
    await api.stop()
    await sqld.stop()
  }
  return { ...api, sqldPid: sqld.pid, stop }
}

async function serve(args: readonly string[], workers: number): Promise<Target> {
  const child = spawn(
    process.execPath,
    [dist('cli.js'), 'serve', '--port', '0', '--json', '--workers', String(workers), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const stopWithParent = (): void => void child.kill('SIGKILL')
  process.once('exit', stopWithParent)
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-500)))
  const exited = once(child, 'exit')
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([status]) => Promise.reject(new Error(`serve ended with ${status}: ${complaint}`))),
  ])
  const { url } = JSON.parse(String(line)) as { readonly url: string }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
    process.removeListener('exit', stopWithParent)
  }
  return { url, apiPid: child.pid ?? 0, sqldPid: null, stop }
}

const planFor = (url: string, mix: string, ratePerSec: number): LoadPlan =>
  planLoad(
    profile,
    {
      url,
      mix,
      seed: 1,
      model: { kind: 'arrivals', ratePerSec, spacing: 'uniform' },
      whenBusy: 'waits',
      seconds,
      connections: undefined,
      connectRatePerSec: 1000,
      timeoutMs: 5000,
      maxRequests: 1_000_000,
      workers: undefined,
      tokenEnv: null,
      dataPath: undefined,
    },
    cpus,
  )

const sampleEveryMs = 200

async function step(target: Target, mix: string, ratePerSec: number): Promise<TargetStep> {
  const plan = planFor(target.url, mix, ratePerSec)
  const api: UsageSample[] = []
  const sqld: UsageSample[] = []
  const sampling = setInterval(() => {
    api.push({ atMs: monotonicMs(), ...treeUsage(target.apiPid) })
    if (target.sqldPid !== null) sqld.push({ atMs: monotonicMs(), ...treeUsage(target.sqldPid) })
  }, sampleEveryMs)
  try {
    const task = { module: dist('load/open/open-engine.js'), name: 'openEngine', plan }
    const command = { file: process.execPath, args: [driver], input: JSON.stringify(task) }
    const result = await runTimed(command, plannedSeconds(plan) + 60)
    const measurement = readMeasurement(result)
    const measuredSeconds = plannedSeconds(plan) - plan.warmUpSeconds
    const [fromMs, toMs] = busiest(api, measuredSeconds * 1000)
    const cores = {
      api: coresBetween(api, fromMs, toMs),
      sqld: target.sqldPid === null ? null : coresBetween(sqld, fromMs, toMs),
      sender: coresBetween(result.samples, fromMs, toMs),
    }
    return targetStep(measurement, measuredSeconds, cores)
  } finally {
    clearInterval(sampling)
  }
}

/** The stretch of that length in which the API worked most: the measured phase, by and large. */
function busiest(samples: readonly UsageSample[], lengthMs: number): readonly [number, number] {
  const last = samples.at(-1)?.atMs ?? 0
  let best: readonly [number, number] = [last - lengthMs, last]
  let most = 0
  for (const { atMs } of samples) {
    if (atMs + lengthMs > last) break
    const cores = coresBetween(samples, atMs, atMs + lengthMs)
    if (cores <= most) continue
    most = cores
    best = [atMs, atMs + lengthMs]
  }
  return best
}

const otherWork = watchOtherWork()
const hasSqld = (await findSqld()) !== undefined
const settings = (['file', 'sqld'] as const)
  .filter((driver) => driver === 'file' || hasSqld)
  .flatMap((driver) =>
    (['baseline', 'composite'] as const).flatMap((variant) =>
      values.workers.flatMap((workers) =>
        values.mix.map((mix) => ({ driver, variant, mix, apiWorkers: Number(workers) })),
      ),
    ),
  )
const results: readonly (TargetResult & { founds: TargetResult['founds'][number][] })[] = settings.map(
  (setting) => ({ setting, founds: [] }),
)
for (let repetition = 1; repetition <= repetitions; repetition++) {
  for (const { setting, founds } of results) {
    const name = `${setting.driver}, ${setting.variant}, mix ${setting.mix}, ${setting.apiWorkers} API worker(s)`
    say(`target: ${name}, repetition ${repetition} of ${repetitions}`)
    const target = await startTarget(setting)
    try {
      const found = await searchHighest(
        async (ratePerSec) => {
          const tried = await step(target, setting.mix, ratePerSec)
          say(
            `  ${ratePerSec}/s: P95 ${tried.p95Ms.toFixed(1)} ms, errors ${(tried.errorShare * 100).toFixed(2)} %, ${JSON.stringify(tried.cores)} ${tried.failures}`,
          )
          await setTimeout(500)
          return { passed: passes(tried), step: tried }
        },
        {
          // A repetition starts near what the one before found.
          fromPerSec: founds.at(-1)?.highest?.ratePerSec ?? Number(values.from),
          limitPerSec: Number(values.limit),
          precision: 1.1,
          tries: 2,
        },
      )
      founds.push(found)
    } finally {
      await target.stop()
    }
  }
}

await publish(
  {
    name: 'target',
    title: "The review's target on the reference API",
    command: 'npm run bench:load:target',
    otherWork: otherWork(),
    versions: ['open this tree', hasSqld ? 'sqld' : 'sqld ABSENT (its rows are missing)'],
    sections: [
      `The highest rate with P95 < 200 ms (from the intended start) and errors < 0.1 %, over ${seconds} s each of which the last ${plannedSeconds(planFor('http://127.0.0.1', values.mix[0] ?? 'review', 1)) - planFor('http://127.0.0.1', values.mix[0] ?? 'review', 1).warmUpSeconds} s count;\n` +
        `scale ${values.scale} after ANALYZE, fresh data for each search, ${repetitions} searches in turns; medians [lowest, highest]. A rate fails when it fails twice;\n` +
        'the search ends when the lowest that failed is at most 1.1 times the highest that passed. «limited by» is what the median search saw where it failed.',
      targetTable(results, cpus),
    ],
    goals: targetGoals(results),
  },
  values.out,
)
