import { readFile } from 'node:fs/promises'
import type { LoadPlan } from '../../load/load-plan.ts'
import type { RoundStep } from '../../measure/round-plan.ts'
import type { LoadComparison } from '../../run/load-comparison.ts'
import {
  loadProfile,
  loadRowsModule,
  loadSequenceModule,
  type ProfileForSending,
} from '../../scenario/load-profile-file.ts'
import { runSlice, type SliceMeasurement } from './run-slice.ts'

/** What to send: kinds of requests by weight. */
export interface LoadToCompare {
  readonly id: string
  readonly weights: Readonly<Record<string, number>>
}

/** What a fresh sender process does to freshly started servers. */
export interface ComparisonTask {
  readonly settings: Pick<
    LoadComparison['settings'],
    'engine' | 'model' | 'seed' | 'connections' | 'timeoutMs' | 'sliceSeconds'
  >
  readonly profilePath: string
  readonly dataPath: string
  /** URL of each variant's server. */
  readonly targets: readonly string[]
  readonly loads: readonly LoadToCompare[]
  readonly round: number
  readonly work:
    | { readonly kind: 'pilot'; readonly mostBlocks: number }
    | {
        readonly kind: 'slices'
        /** By load. */
        readonly paces: readonly LoadPace[]
        /** `operation` is a place in `loads`. */
        readonly steps: readonly RoundStep[]
      }
}

/** How much of a load is sent at a time. */
export interface LoadPace {
  readonly requestsPerSlice: number
  readonly blocksPerRound: number
  /** Requests that a server answers before anything counts: it begins with cold code. */
  readonly warmUpRequests: number
}

export interface ComparedSlice extends SliceMeasurement {
  readonly load: number
  readonly variant: number
  readonly block: number
  readonly order: number
}

export interface ComparisonResult {
  /** By load; what a pilot recommends. */
  readonly paces: readonly LoadPace[]
  readonly slices: readonly ComparedSlice[]
  /** Rows that acknowledged creations must have added, warm-up included: by variant, by table. */
  readonly created: readonly Readonly<Record<string, number>>[]
}

/** Requests that a round may use; each variant gets the same ones. */
const indexesPerRound = 2 ** 24
const warmUpIndexes = 2 ** 23
const warmUpRequests = { from: 8, to: 250 } as const
const warmUpNs = 0.1e9
/** A slice of fewer requests is all beginning and end. */
const fewestRequests = 32
const mostRequests = 50_000
/** Long enough to tell the speed of a load. */
const pilotNs = 0.08e9
/** No closed slice gets so far unless the server hangs. */
const longestSeconds = 60

/** One round, or the pilot before the first. */
export async function compareRound(task: ComparisonTask): Promise<ComparisonResult> {
  const { profilePath, dataPath, loads, settings } = task
  const profiles = await sequencesOf({ profilePath, dataPath, loads, seed: settings.seed })
  const sender = new ComparisonSender(task, profiles)
  if (task.work.kind === 'pilot') {
    return { paces: await sender.pilot(task.work.mostBlocks), slices: [], created: sender.created }
  }
  const { paces, steps } = task.work
  await sender.warmUp(paces)
  const slices: ComparedSlice[] = []
  for (const { operation: load, block, order } of steps) {
    for (const [place, variant] of order.entries()) {
      const slice = await sender.slice(load, variant, block, paces[load]?.requestsPerSlice ?? 0)
      slices.push({ ...slice, load, variant, block, order: place })
    }
  }
  return { paces, slices, created: sender.created }
}

class ComparisonSender {
  readonly created: readonly Record<string, number>[]
  readonly #task: ComparisonTask
  readonly #profiles: readonly ProfileForSending[]
  readonly #firstIndex: number

  constructor(task: ComparisonTask, profiles: readonly ProfileForSending[]) {
    this.created = task.targets.map(() => ({}))
    this.#task = task
    this.#profiles = profiles
    this.#firstIndex = task.round * indexesPerRound
  }

  async warmUp(paces: readonly LoadPace[]): Promise<void> {
    for (const [load, { warmUpRequests: requests }] of paces.entries()) {
      for (const variant of this.#task.targets.keys()) {
        await this.#closedLoop(load, variant, warmUpIndexes + load * warmUpRequests.to, requests)
      }
    }
  }

  async pilot(mostBlocks: number): Promise<readonly LoadPace[]> {
    const paces: LoadPace[] = []
    for (const load of this.#task.loads.keys()) {
      paces.push(paceOf(this.#task.settings, await this.#slowestNs(load), mostBlocks))
    }
    return paces
  }

  /** Time that a request of a load takes on the slowest variant; more and more requests are tried. */
  async #slowestNs(load: number): Promise<number> {
    let requests = fewestRequests
    for (;;) {
      let slowestNs = 0
      for (const variant of this.#task.targets.keys()) {
        const { durationNs } = await this.#closedLoop(load, variant, 0, requests)
        slowestNs = Math.max(slowestNs, durationNs)
      }
      if (slowestNs >= pilotNs || requests >= mostRequests) return slowestNs / requests
      requests = Math.ceil(requests * Math.min(8, Math.max(1.5, (1.2 * pilotNs) / slowestNs)))
    }
  }

  slice(load: number, variant: number, block: number, requests: number): Promise<SliceMeasurement> {
    const { model, sliceSeconds } = this.#task.settings
    if (model.kind === 'peak') return this.#closedLoop(load, variant, block * requests, requests)
    return this.#send(load, variant, block * requests, { model, seconds: sliceSeconds, requests: 2 ** 31 })
  }

  #closedLoop(load: number, variant: number, first: number, requests: number): Promise<SliceMeasurement> {
    return this.#send(load, variant, first, { model: { kind: 'peak' }, seconds: longestSeconds, requests })
  }

  async #send(
    load: number,
    variant: number,
    first: number,
    { model, seconds, requests }: { model: LoadPlan['model']; seconds: number; requests: number },
  ): Promise<SliceMeasurement> {
    const { settings, profilePath, dataPath, targets, loads } = this.#task
    const { engine, seed, connections, timeoutMs } = settings
    const loaded = this.#profiles[load]!
    const plan: LoadPlan = {
      url: targets[variant]!,
      profilePath,
      dataPath,
      mix: loads[load]!.id,
      seed,
      model,
      stages: [{ seconds, fromLevel: 1, toLevel: 1 }],
      warmUpSeconds: 0,
      connections,
      connectRatePerSec: 10_000,
      timeoutMs,
      maxRequests: requests,
      workers: 1,
      tokenEnv: null,
    }
    const start = this.#firstIndex + first
    // Senders know a request by the place that they asked for.
    const sequence: ProfileForSending['sequence'] = (index) => ({ ...loaded.sequence(start + index), index })
    const slice = await runSlice(engine, plan, { ...loaded, sequence })
    const sum = this.created[variant]!
    for (const [table, rows] of Object.entries(slice.created)) sum[table] = (sum[table] ?? 0) + rows
    return slice
  }
}

/**
 * How much of a load fits into the time of a slice, when a request takes so long on the slowest variant. Where the fewest
 * requests take longer, there are fewer blocks.
 */
export function paceOf(
  { model, sliceSeconds }: Pick<ComparisonTask['settings'], 'model' | 'sliceSeconds'>,
  requestNs: number,
  mostBlocks: number,
): LoadPace {
  const within = (value: number, from: number, to: number): number =>
    Math.min(to, Math.max(from, Math.round(value)))
  const sliceNs = sliceSeconds * 1e9
  const pace = { warmUpRequests: within(warmUpNs / requestNs, warmUpRequests.from, warmUpRequests.to) }
  if (model.kind === 'arrivals') {
    const requestsPerSlice = Math.round(model.ratePerSec * sliceSeconds)
    return { ...pace, requestsPerSlice, blocksPerRound: mostBlocks }
  }
  const requestsPerSlice = within(sliceNs / requestNs, fewestRequests, mostRequests)
  const share = sliceNs / (requestsPerSlice * requestNs)
  return { ...pace, requestsPerSlice, blocksPerRound: within(mostBlocks * share, 1, mostBlocks) }
}

/** The profile once for every load, with the sequence of that load's requests. */
export async function sequencesOf({
  profilePath,
  dataPath,
  loads,
  seed,
}: Pick<ComparisonTask, 'profilePath' | 'dataPath' | 'loads'> & { readonly seed: number }): Promise<
  readonly ProfileForSending[]
> {
  const { profile: original } = await loadProfile(profilePath)
  const { rowsOf } = await loadRowsModule()
  const data = rowsOf(await readFile(dataPath, 'utf8'), original)
  const { sequenceOf } = await loadSequenceModule()
  const profile = { ...original, mixes: Object.fromEntries(loads.map(({ id, weights }) => [id, weights])) }
  return loads.map(({ id }) => ({
    profile,
    sequence: sequenceOf(profile, id, data, seed),
    thinkMsAt: () => 0,
  }))
}
