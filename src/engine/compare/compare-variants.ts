import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { environmentStamp } from '../../run/environment.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import { claimsUnderLoad } from '../../scenario/checked-claims.ts'
import { readLoadData } from '../../scenario/load-profile/load-data.ts'
import type { DatasetApi } from '../../scenario/dataset.ts'
import { loadProfile, type LoadedProfile } from '../../scenario/load-profile/load-profile-file.ts'
import { tryRequests } from '../../scenario/load-profile/load-profile-trial.ts'
import { loadScenario, type LoadedScenario } from '../../scenario/load.ts'
import { stageDatabases } from '../../stage/stage-databases.ts'
import type { Stage } from '../../stage/stage.ts'
import { asFileError } from '../../target/file-error.ts'
import { withCopies } from '../experiment/database-copies.ts'
import { stagePlanOf } from '../experiment/stage-scenario.ts'
import { openReader } from '../../target/open-reader.ts'
import { engineVersions } from '../../target/versions.ts'
import { assembleComparison } from './assemble-comparison.ts'
import type { ServedVariant } from './compared-servers.ts'
import { ComparisonCollector } from './comparison-collector.ts'
import type { PreparedComparison, CompareVariantsOptions } from './prepared-comparison.ts'
import { drawLoadData } from '../load/draw-load-data.ts'
import { chooseVariants, planLoads, planSliceSeconds, type ComparedVariant } from './plan-comparison.ts'
import { timeComparison } from './time-comparison.ts'

export type { CompareVariantsOptions } from './prepared-comparison.ts'

/** What became of a comparison: everything measured, and the error that cut it short, if any. */
export interface ComparisonOutcome {
  readonly run: LoadComparison
  /** Undefined for a complete comparison. */
  readonly failure: unknown
}

/** The shorter the turns, the more alike is the machine in both. */
const blocksPerRound = 3

/**
 * Serves variants of a scenario side by side, each by a process of its dataset's API on a database of its own, and
 * alternates slices of the same requests between them, in rounds of fresh processes.
 * @throws UsageError, TargetError, InvalidMeasurementError (the variants answer differently) or InterruptedError before
 * the first slice; whatever happens later stands beside the partial Run
 */
export async function compareVariants(options: CompareVariantsOptions): Promise<ComparisonOutcome> {
  const startedAt = new Date()
  const environment = environmentStamp(engineVersions())
  const scenario = await loadScenario(options.scenario, options.datasets)
  const api = apiOf(scenario)
  const profile = await loadProfile(options.profile)
  const variants = chooseVariants(scenario, options.variants)
  const loads = planLoads(profile, options.mix, options.model)
  const slices = options.rounds * blocksPerRound * variants.length * loads.length
  const sliceSeconds = planSliceSeconds(options.seconds, slices, options.model)
  const staged = await stageVariants(scenario, variants, options)
  return withCopies(async (copy, scratch) => {
    const served: ServedVariant[] = []
    for (const { variant, stage } of staged) {
      const path = await copy(stage.path, `${served.length}.db`)
      served.push({ ...variant, path, dataDigest: stage.dataDigest })
    }
    const [first] = served
    if (first === undefined) throw new RangeError('there are no variants to compare')
    await refuseOtherSchemas(scenario.id, api, served)
    const comparison: PreparedComparison = {
      options,
      scenario,
      api,
      profile,
      variants: served,
      loads,
      blocksPerRound,
      sliceSeconds,
      ...(await drawData(profile, first.path, join(await scratch(), 'drawn.json'), options.seed)),
      seedDigest: first.dataDigest,
      collector: new ComparisonCollector(options.model.kind === 'open-model'),
    }
    let failure: unknown
    try {
      await timeComparison(comparison)
    } catch (error) {
      if (comparison.collector.slices.length === 0) throw error
      failure = error
    }
    const mixes = loads.map(({ id }) => id).filter((id) => !id.endsWith(' alone'))
    const claims = options.model.kind === 'peak' ? claimsUnderLoad(scenario.claims, variants, mixes) : []
    return { run: assembleComparison(comparison, { startedAt, environment, claims, failure }), failure }
  })
}

async function stageVariants(
  loaded: LoadedScenario,
  variants: readonly ComparedVariant[],
  options: CompareVariantsOptions,
): Promise<readonly { readonly variant: ComparedVariant; readonly stage: Stage }[]> {
  const { signal, emit } = options
  const planned = variants.map((variant) => ({ variant, plan: stagePlanOf(variant, options, loaded) }))
  const plans = planned.map(({ plan }) => plan)
  const stageOf = await stageDatabases(plans, {
    signal,
    onSeeding: (done, total) => emit({ kind: 'step', text: 'seeding rows', done, total }),
    onStaged: (done, total) => emit({ kind: 'step', text: 'staging databases', done, total }),
  })
  return planned.map(({ variant, plan }) => ({ variant, stage: stageOf(plan) }))
}

/** @throws UsageError COMPARE_API where the scenario's dataset has no API to serve */
function apiOf({ id, dataset }: LoadedScenario): DatasetApi {
  if (dataset.api !== undefined) return dataset.api
  throw new UsageError(
    'COMPARE_API',
    `${id}: the dataset ${dataset.name} has no API to serve; compare its variants with forgebench run, or load your own API with --url`,
  )
}

/**
 * An API needs tables that a variant may lack.
 * @throws UsageError COMPARE_SCHEMA naming the first variant that it cannot serve
 */
async function refuseOtherSchemas(
  scenario: string,
  api: DatasetApi,
  variants: readonly ServedVariant[],
): Promise<void> {
  for (const { id, path } of variants) {
    try {
      await api.check(path)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const why = error.message.replace(`${path} `, '').split(';')[0]
      throw new UsageError(
        'COMPARE_SCHEMA',
        `${scenario}: variant ${id} ${why}; load compare serves each variant by the API of its dataset, which stands on ${api.needs}; compare other schemas with forgebench run, or load your own API with --url`,
        { cause: error },
      )
    }
  }
}

/** Rows of the databases under test: those that lie beside the profile may be from others. */
async function drawData(
  loaded: LoadedProfile,
  path: string,
  dataPath: string,
  seed: number,
): Promise<Pick<PreparedComparison, 'dataPath' | 'dataDigest'>> {
  const reader = await openReader(`file:${path}`, undefined)
  try {
    const text = await drawLoadData(reader, loaded.profile, seed)
    await writeFile(dataPath, text).catch((error: unknown) => {
      throw asFileError(error, dataPath)
    })
    await tryRequests(loaded, await readLoadData(dataPath, loaded.profile, loaded.shown))
    const dataDigest = createHash('sha256').update(text).digest('hex')
    return { dataPath, dataDigest }
  } finally {
    reader.close()
  }
}
