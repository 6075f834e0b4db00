import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { LoadPlan } from '../../load/load-plan.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseThreshold } from '../../run/threshold.ts'
import { readLoadData } from '../../scenario/load-profile/load-data.ts'
import { loadProfile, type LoadedProfile } from '../../scenario/load-profile/load-profile-file.ts'
import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { listThresholds } from '../../scenario/load-profile/profile-thresholds.ts'
import { tryRequests } from '../../scenario/load-profile/load-profile-trial.ts'
import { sequenceOf } from '../../scenario/load-profile/sequence.ts'
import { planLoad, type LoadOptions } from './plan-load.ts'

export type LoadThreshold = LoadRun['thresholds'][number]

/** A load that is ready to start: nothing has been sent yet. */
export interface PreparedLoad {
  readonly loaded: LoadedProfile
  readonly plan: LoadPlan
  /** SHA-256 (hex) of the drawn rows. */
  readonly dataDigest: string
  readonly thresholds: readonly LoadThreshold[]
  /** The request at a place of the sequence, from 0. */
  readonly sequence: (index: number) => PlannedRequest
}

/**
 * Loads a profile and its rows, checks both, and makes the plan. `thresholds` replace those that the profile has for the
 * same metric.
 * @throws UsageError for everything that can be known before the first request
 */
export async function prepareLoad(
  profileName: string,
  options: LoadOptions,
  thresholds: readonly LoadThreshold[],
): Promise<PreparedLoad> {
  const loaded = await loadProfile(profileName)
  const plan = planLoad(loaded, options, availableParallelism())
  const data = await readLoadData(plan.dataPath, loaded.profile, loaded.shown)
  await tryRequests(loaded, data)
  return {
    loaded,
    plan,
    dataDigest: createHash('sha256')
      .update(await readFile(plan.dataPath))
      .digest('hex'),
    thresholds: thresholdsFor(loaded, plan.mix, thresholds),
    sequence: sequenceOf(loaded.profile, plan.mix, data, plan.seed),
  }
}

/** The thresholds of a load: those that are asked for, and the profile's about requests that the mix has. */
function thresholdsFor(
  { profile }: LoadedProfile,
  mix: string,
  asked: readonly LoadThreshold[],
): readonly LoadThreshold[] {
  const weights = profile.mixes[mix] ?? {}
  const ops = Object.keys(weights).filter((op) => (weights[op] ?? 0) > 0)
  for (const { metric, expression } of asked) {
    parseThreshold(metric, expression, { place: `--threshold, mix ${mix}`, ops })
  }
  const own = Object.entries(profile.thresholds)
    .filter(([metric]) => {
      const op = /\bop:["']?([^,}"']+)/.exec(metric)?.[1]
      return op === undefined || ops.includes(op)
    })
    .filter(([metric]) => asked.every((threshold) => threshold.metric !== metric))
  return [...listThresholds(Object.fromEntries(own)), ...asked]
}
