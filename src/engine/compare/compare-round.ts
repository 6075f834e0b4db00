import { readFile } from 'node:fs/promises'
import { sumCounts } from '../../core/sum-counts.ts'
import type { LoadPlan } from '../../load/load-plan.ts'
import type { RoundStep } from '../../measure/round-plan.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import { loadProfile, type ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'
import { rowsOf } from '../../scenario/load-profile/rows.ts'
import { sequenceOf } from '../../scenario/load-profile/sequence.ts'
import type { RunningVariant } from './compared-servers.ts'
import type { PlannedLoad } from './plan-comparison.ts'
import { runSlice, type SliceMeasurement } from './run-slice.ts'

/** What a fresh sender process does to freshly started servers. */
export interface ComparisonTask {
  readonly settings: Pick<
    LoadComparison['settings'],
    'engine' | 'model' | 'seed' | 'connections' | 'timeoutMs' | 'sliceSeconds'
  >
  readonly profilePath: string
  readonly dataPath: string
  /** The server of each variant. */
  readonly targets: readonly Pick<RunningVariant, 'id' | 'url'>[]
  readonly round: number
  readonly work:
    | { readonly kind: 'pilot'; readonly loads: readonly PlannedLoad[]; readonly mostBlocks: number }
    | {
        readonly kind: 'slices'
        readonly loads: readonly PacedLoad[]
        /** `operation` is a place in `loads`, `order` holds places in `targets`. */
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

export interface PacedLoad extends PlannedLoad {
  readonly pace: LoadPace
}

export interface ComparedSlice extends SliceMeasurement {
  /** Place in the task's `loads`. */
  readonly load: number
  /** Place in the task's `targets`. */
  readonly variant: number
  readonly block: number
  readonly order: number
}

export interface ComparisonResult {
  /** With the paces that a pilot recommends, or that slices had. */
  readonly loads: readonly PacedLoad[]
  readonly slices: readonly ComparedSlice[]
  /** Rows that acknowledged creations must have added, warm-up included: by id of the variant, by table. */
  readonly created: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Requests that a round may use; each variant gets the same ones. */
const indexesPerRound = 2 ** 24
const warmUpIndexes = 2 ** 23
const warmUpRequests = { from: 8, to: 250 } as const
const warmUpNs = 0.1e9
/** A slice of fewer requests is all beginning and end. */
const fewestRequests = 32
const mostRequests = 50_000
/** Long enough to measure the speed of a load. */
const pilotNs = 0.08e9
/** No closed slice gets so far unless the server hangs. */
const longestSeconds = 60

/** One round, or the pilot before the first. */
export async function compareRound(task: ComparisonTask): Promise<ComparisonResult> {
  const { settings, targets, work } = task
  const sender = new ComparisonSender(task)
  if (work.kind === 'pilot') {
    const loads: PacedLoad[] = []
    for (const { sending, ...load } of await withSequences(task, work.loads, settings.seed)) {
      const pace = paceOf(settings, await sender.slowestNs(sending), work.mostBlocks)
      loads.push({ ...load, pace })
    }
    return { loads, slices: [], created: sender.created }
  }
  const loads = await withSequences(task, work.loads, settings.seed)
  for (const [place, { pace, sending }] of loads.entries()) await sender.warmUp(place, sending, pace)
  const slices: ComparedSlice[] = []
  for (const { operation: load, block, order } of work.steps) {
    const { pace, sending } = loads[load]!
    for (const [place, variant] of order.entries()) {
      const slice = await sender.slice(sending, targets[variant]!, block, pace.requestsPerSlice)
      slices.push({ ...slice, load, variant, block, order: place })
    }
  }
  return { loads: work.loads, slices, created: sender.created }
}

type Target = ComparisonTask['targets'][number]

class ComparisonSender {
  readonly created: Record<string, Readonly<Record<string, number>>>
  readonly #task: ComparisonTask
  readonly #firstIndex: number

  constructor(task: ComparisonTask) {
    this.created = Object.fromEntries(task.targets.map(({ id }) => [id, {}]))
    this.#task = task
    this.#firstIndex = task.round * indexesPerRound
  }

  async warmUp(place: number, sending: Sending, { warmUpRequests: requests }: LoadPace): Promise<void> {
    for (const target of this.#task.targets) {
      await this.#sendAtPeak(sending, target, warmUpIndexes + place * warmUpRequests.to, requests)
    }
  }

  /** Time that a request of a load takes on the slowest variant; more and more requests are tried. */
  async slowestNs(sending: Sending): Promise<number> {
    let requests = fewestRequests
    for (;;) {
      let slowestNs = 0
      for (const target of this.#task.targets) {
        const { durationNs } = await this.#sendAtPeak(sending, target, 0, requests)
        slowestNs = Math.max(slowestNs, durationNs)
      }
      if (slowestNs >= pilotNs || requests >= mostRequests) return slowestNs / requests
      requests = Math.ceil(requests * Math.min(8, Math.max(1.5, (1.2 * pilotNs) / slowestNs)))
    }
  }

  slice(sending: Sending, target: Target, block: number, requests: number): Promise<SliceMeasurement> {
    const { model, sliceSeconds } = this.#task.settings
    if (model.kind === 'peak') return this.#sendAtPeak(sending, target, block * requests, requests)
    return this.#send(sending, target, block * requests, { model, seconds: sliceSeconds, requests: 2 ** 31 })
  }

  #sendAtPeak(sending: Sending, target: Target, first: number, requests: number): Promise<SliceMeasurement> {
    return this.#send(sending, target, first, { model: { kind: 'peak' }, seconds: longestSeconds, requests })
  }

  async #send(
    { mix, profile }: Sending,
    { id, url }: Target,
    first: number,
    { model, seconds, requests }: { model: LoadPlan['model']; seconds: number; requests: number },
  ): Promise<SliceMeasurement> {
    const { settings, profilePath, dataPath } = this.#task
    const { engine, seed, connections, timeoutMs } = settings
    const plan: LoadPlan = {
      url,
      profilePath,
      dataPath,
      mix,
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
    const sequence: ProfileForSending['sequence'] = (index) => ({ ...profile.sequence(start + index), index })
    const slice = await runSlice(engine, plan, { ...profile, sequence })
    this.created[id] = sumCounts([this.created[id] ?? {}, slice.created])
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
  if (model.kind === 'open-model') {
    const requestsPerSlice = Math.round(model.ratePerSec * sliceSeconds)
    return { ...pace, requestsPerSlice, blocksPerRound: mostBlocks }
  }
  const requestsPerSlice = within(sliceNs / requestNs, fewestRequests, mostRequests)
  const share = sliceNs / (requestsPerSlice * requestNs)
  return { ...pace, requestsPerSlice, blocksPerRound: within(mostBlocks * share, 1, mostBlocks) }
}

/** The requests of a load. */
interface Sending {
  readonly mix: string
  readonly profile: ProfileForSending
}

/** Loads with the sequences of their requests. */
export async function withSequences<L extends Pick<PlannedLoad, 'id' | 'weights'>>(
  { profilePath, dataPath }: Pick<ComparisonTask, 'profilePath' | 'dataPath'>,
  loads: readonly L[],
  seed: number,
): Promise<readonly (L & { readonly sending: Sending })[]> {
  const { profile: original } = await loadProfile(profilePath)
  const data = rowsOf(await readFile(dataPath, 'utf8'), original)
  const profile = { ...original, mixes: Object.fromEntries(loads.map(({ id, weights }) => [id, weights])) }
  return loads.map((load) => {
    const sequence = sequenceOf(profile, load.id, data, seed)
    return { ...load, sending: { mix: load.id, profile: { profile, sequence, thinkMsAt: () => 0 } } }
  })
}
