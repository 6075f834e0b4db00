/**
 * The review's target on the reference API: the highest rate of its mix with P95 < 200 ms and errors < 0.1 %, on a
 * machine that the sender shares. Usage:
 * `npm run bench:load:target -- [--seconds 8] [--repetitions 3] [--mix review] [--scale 1] [--workers 1] [--out reports/load]`
 */
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { planLoad } from '../../../src/engine/load/plan-load.ts'
import { plannedSeconds } from '../../../src/core/load-stages.ts'
import type { LoadPlan } from '../../../src/load/load-plan.ts'
import { loadProfile } from '../../../src/scenario/load-profile/load-profile-file.ts'
import { findSqld } from '../../../src/target/sqld-process.ts'
import { publish, say } from '../bench-report.ts'
import { monotonicMs } from '../calibration/monotonic.ts'
import { watchOtherWork } from '../other-work.ts'
import { openCommand, readMeasurement } from '../rivals/forgebench.ts'
import { treeUsage } from '../rivals/process-tree.ts'
import { runTimed, type UsageSample } from '../rivals/timed-process.ts'
import { startTarget, type ServedTarget } from './served-target.ts'
import { searchHighest } from './target-search.ts'
import { coresBetween, passes, targetStep, type TargetStep } from './target-step.ts'
import { nameOf, targetTable, type TargetResult } from './target-table.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    repetitions: { type: 'string', default: '3' },
    mix: { type: 'string', default: 'review' },
    scale: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    from: { type: 'string', default: '1000' },
    limit: { type: 'string', default: '20000' },
    out: { type: 'string' },
  },
})
const { mix } = values
const apiWorkers = Number(values.workers)
const repetitions = Number(values.repetitions)
const profile = await loadProfile('load/prompts-api')

const planFor = (url: string, ratePerSec: number): LoadPlan =>
  planLoad(
    profile,
    {
      url,
      mix,
      seed: 1,
      model: { kind: 'open-model', ratePerSec, spacing: 'uniform' },
      whenBusy: 'waits',
      seconds: Number(values.seconds),
      connections: undefined,
      connectRatePerSec: 1000,
      timeoutMs: 5000,
      maxRequests: 1_000_000,
      workers: undefined,
      tokenEnv: null,
      dataPath: undefined,
    },
    availableParallelism(),
  )
const example = planFor('http://127.0.0.1', 1)
const measuredSeconds = plannedSeconds(example) - example.warmUpSeconds

const sampleEveryMs = 200
const endMs = 500

async function step({ url, apiPid, sqldPid }: ServedTarget, ratePerSec: number): Promise<TargetStep> {
  const api: UsageSample[] = []
  const sqld: UsageSample[] = []
  const sampling = setInterval(() => {
    api.push({ atMs: monotonicMs(), ...treeUsage(apiPid) })
    if (sqldPid !== null) sqld.push({ atMs: monotonicMs(), ...treeUsage(sqldPid) })
  }, sampleEveryMs)
  try {
    const result = await runTimed(openCommand(planFor(url, ratePerSec)), Number(values.seconds) + 60)
    // The sender ends shortly after its measured phase, one process after the other.
    const toMs = (result.samples.at(-1)?.atMs ?? NaN) - endMs
    const cores = (samples: readonly UsageSample[]): number =>
      coresBetween(samples, toMs - measuredSeconds * 1000, toMs)
    return targetStep(readMeasurement(result), {
      api: cores(api),
      sqld: sqldPid === null ? null : cores(sqld),
      sender: cores(result.samples),
    })
  } finally {
    clearInterval(sampling)
  }
}

const otherWork = watchOtherWork()
const hasSqld = (await findSqld()) !== undefined
const results = (hasSqld ? (['file', 'sqld'] as const) : (['file'] as const)).flatMap((driver) =>
  (['baseline', 'composite'] as const).map((variant) => ({
    setting: { driver, variant, mix, apiWorkers },
    founds: [] as TargetResult['founds'][number][],
  })),
)
for (let repetition = 1; repetition <= repetitions; repetition++) {
  for (const { setting, founds } of results) {
    say(`target: ${nameOf(setting)}, repetition ${repetition} of ${repetitions}`)
    const target = await startTarget(setting, Number(values.scale))
    const tryRate = async (ratePerSec: number): Promise<{ passed: boolean; step: TargetStep }> => {
      const tried = await step(target, ratePerSec)
      say(`  ${ratePerSec}/s: ${JSON.stringify(tried)}`)
      await setTimeout(500)
      return { passed: passes(tried), step: tried }
    }
    try {
      founds.push(
        await searchHighest(tryRate, {
          // A repetition starts near what the one before found.
          fromPerSec: founds.at(-1)?.highest?.ratePerSec ?? Number(values.from),
          limitPerSec: Number(values.limit),
          precision: 1.1,
          tries: 2,
        }),
      )
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
      `The highest rate with P95 < 200 ms (from the intended start) and errors < 0.1 %, over ${values.seconds} s each of which the last ${measuredSeconds} s count;\n` +
        `scale ${values.scale} after ANALYZE, fresh data for each search, ${repetitions} searches in turns; medians [lowest, highest]. A rate fails when it fails twice;\n` +
        'the search ends when the lowest that failed is at most 1.1 times the highest that passed. Below: what the median search saw where it failed.',
      targetTable(results),
    ],
  },
  values.out,
)
