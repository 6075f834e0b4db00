import { describe, expect, test } from 'vitest'
import { randomSequence } from '../../random/random.ts'
import type { RoundVariant } from '../../measure/round-plan.ts'
import { runRound, type RoundWorld } from '../../measure/round.ts'
import type { Operation } from '../../scenario/scenario.ts'
import { pairedRatio, sideLevel, type OverRounds } from '../../stats/over-rounds.ts'
import type { SampledRound } from '../../stats/sampled-slice.ts'
import type { Connection } from '../../target/connection.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { planRound, roundOrder, sideKey } from './plan-round.ts'

const rounds = 8
const steadyNs = { fast: 10_000, faster: 8000, slow: 1e6 }
type Id = keyof typeof steadyNs
/** Of the logarithm of a call's time. */
const sigma = 0.3

/** Calls after another variant ran are slower by two fifths, less and less over milliseconds. */
const coldFactor = (sinceSwitchNs: number): number => 1 + 0.4 * Math.exp(-sinceSwitchNs / 2e6)

/** A clock, and databases whose steady latencies are known. */
function knownWorld(seed: number): RoundWorld {
  const uniform = randomSequence(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  let nowNs = 0
  let last: string | undefined
  let switchedNs = 0
  const call = (id: Id): number => {
    if (last !== id) switchedNs = nowNs
    last = id
    nowNs += steadyNs[id] * coldFactor(nowNs - switchedNs) * Math.exp(sigma * normal())
    return 1
  }
  return {
    clock: { nowNs: () => nowNs },
    collectGarbage: () => undefined,
    rssBytes: () => 0,
    open: async ({ id }) =>
      ({
        prepareTimed: () => ({ kind: 'sync', run: () => call(id as Id) }),
        close: () => undefined,
      }) as Partial<Connection> as Connection,
  }
}

/** Rounds of an operation on some variants, each of which may take 100 ms of a round. */
async function measured(
  ids: readonly Id[],
  sliceMs: number,
): Promise<ReadonlyMap<Id, readonly SampledRound[]>> {
  const variants = ids.map((id): RoundVariant => ({ id, driver: 'libsql', readPath: id, writePath: null }))
  const operation = { id: 'Q1', kind: 'read', sql: 'SELECT 1' } as unknown as Operation
  const drawn: DrawnOperation = {
    operation,
    sides: ids.map((id) => ({ variant: id, operation, args: [[1]] })),
  }
  const medians = new Map(ids.map((id) => [sideKey('Q1', id), steadyNs[id]]))
  const times = new Map(ids.map((id) => [sideKey('Q1', id), 100]))
  const spending = { times, sliceMs, warmupMs: 4, longestRound: 2 }
  const byVariant = new Map<Id, SampledRound[]>(ids.map((id) => [id, []]))
  for (let round = 1; round <= rounds; round++) {
    const plan = planRound(round, roundOrder(variants, 1, round), [drawn], medians, spending, 1)
    const { slices } = await runRound(plan, knownWorld(1000 * sliceMs + 10 * round + ids.length))
    for (const id of ids) {
      const own = slices.filter(({ variant }) => variant === id)
      const sorted = own.map(({ block, durationsNs }) => ({ block, sortedNs: durationsNs.toSorted() }))
      byVariant.get(id)?.push({ round, slices: sorted })
    }
  }
  return byVariant
}

const intervalOf = (measured: OverRounds): { readonly low: number; readonly high: number } => {
  if (measured.state !== 'measured') throw new Error(`no interval: ${measured.state}`)
  return measured.interval
}

const lengthsMs = [8, 16, 50, 100, 300]
/** Of log-normal calls. */
const steady = { p50: 1, p95: Math.exp(1.645 * sigma) }

describe.each(lengthsMs)('with slices of %i ms', (sliceMs) => {
  test.each<readonly [string, readonly Id[]]>([
    ['alone', ['fast']],
    ['beside another', ['fast', 'faster']],
    ['beside one a hundred times slower', ['fast', 'slow']],
  ])('a variant %s shows its steady latency', async (_, ids) => {
    const slices = (await measured(ids, sliceMs)).get('fast') ?? []
    for (const quantity of ['p50', 'p95'] as const) {
      const { low, high } = intervalOf(sideLevel(slices, quantity, 0.95))
      const trueNs = steadyNs.fast * steady[quantity]
      // A lead-in of 12 calls is 11 % off with slices of 8 ms.
      expect(low / trueNs).toBeLessThan(1.008)
      expect(high / trueNs).toBeGreaterThan(0.992)
    }
  })

  test('so does the ratio of two', async () => {
    const byVariant = await measured(['fast', 'faster', 'slow'], sliceMs)
    for (const quantity of ['p50', 'p95'] as const) {
      const [candidate = [], baseline = []] = [byVariant.get('faster'), byVariant.get('fast')]
      const { low, high } = intervalOf(pairedRatio(candidate, baseline, quantity, 0.95))
      expect(low).toBeLessThan(0.8 * 1.005)
      expect(high).toBeGreaterThan(0.8 * 0.995)
    }
  })
})
