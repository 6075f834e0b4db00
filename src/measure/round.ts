import type { Connection } from '../target/connection.ts'
import type { Clock } from './clock.ts'
import { namingOperation } from './operation-error.ts'
import type { RoundPlan, RoundResult, RoundVariant, SliceResult } from './round-plan.ts'
import { RowsOfTuples, SideRunner } from './side-runner.ts'

/** What a round needs from its process; a test passes fakes and gets exact numbers. */
export interface RoundWorld {
  readonly clock: Clock
  open(variant: RoundVariant, purpose: 'read' | 'write'): Promise<Connection>
  /** Frees memory before every block: young objects, or all of them, as drivers finalise statements only then. */
  collectGarbage(extent: 'young' | 'all'): void
  rssBytes(): number
}

/** All objects are collected this often: it takes milliseconds, and a round has hundreds of blocks. */
const fullCollectionNs = 250e6

/** Carries out a round: warms up every operation on every variant, then runs the steps in their order. */
export async function runRound(plan: RoundPlan, world: RoundWorld): Promise<RoundResult> {
  const connections: Connection[] = []
  try {
    const runners = await openRunners(plan, world, connections)
    for (const operation of runners)
      for (const runner of operation) await named(runner, () => runner.warmUp())
    const slices: SliceResult[] = []
    const startNs = world.clock.nowNs()
    let collectedNs = -Infinity
    const begun = new Set<SideRunner>()
    for (const step of plan.steps) {
      const nowNs = world.clock.nowNs()
      const operation = at(runners, step.operation)
      const sides = step.order.map((side) => at(operation, side))
      const isLate = nowNs - startNs > (plan.timeLimitMs ?? Infinity) * 1e6
      if (isLate && sides.every((side) => begun.has(side))) continue
      for (const side of sides) begun.add(side)
      const extent = nowNs - collectedNs > fullCollectionNs ? 'all' : 'young'
      if (extent === 'all') collectedNs = nowNs
      world.collectGarbage(extent)
      slices.push(...(await runBlock(step.block, sides)))
    }
    const mismatch = runners.flat().find((runner) => runner.mismatch !== null)?.mismatch ?? null
    return { round: plan.round, slices, mismatch, rssBytes: world.rssBytes() }
  } finally {
    for (const connection of connections) await connection.close()
  }
}

/** Errors say which operation failed on which variant. */
const named = <T>({ operation, side }: SideRunner, work: () => Promise<T>): Promise<T> =>
  namingOperation(`${operation} on ${side.variant}`, work)

/** One slice of every variant of a block, back to back. */
async function runBlock(block: number, sides: readonly SideRunner[]): Promise<readonly SliceResult[]> {
  const slices: SliceResult[] = []
  for (const [order, runner] of sides.entries()) {
    const { leadInSamples } = runner.side
    const { durationsNs, rows } = await named(runner, () => runner.next())
    slices.push({
      operation: runner.operation,
      variant: runner.side.variant,
      block,
      order,
      firstNs: leadInSamples === 0 ? null : (durationsNs[0] ?? null),
      durationsNs: durationsNs.slice(leadInSamples),
      rows,
    })
  }
  return slices
}

async function openRunners(
  plan: RoundPlan,
  world: RoundWorld,
  connections: Connection[],
): Promise<readonly (readonly SideRunner[])[]> {
  const opened = async (purpose: 'read' | 'write'): Promise<ReadonlyMap<string, Connection>> => {
    const used = new Set(
      plan.operations
        .filter(({ kind }) => kind === purpose)
        .flatMap(({ sides }) => sides.map(({ variant }) => variant)),
    )
    const result = new Map<string, Connection>()
    for (const variant of plan.variants) {
      if (!used.has(variant.id)) continue
      const connection = await world.open(variant, purpose)
      connections.push(connection)
      result.set(variant.id, connection)
    }
    return result
  }
  const byPurpose = { read: await opened('read'), write: await opened('write') }
  return Promise.all(
    plan.operations.map((operation) => {
      const rowsOf = new RowsOfTuples(operation.id)
      return Promise.all(
        operation.sides.map((side) =>
          namingOperation(`${operation.id} on ${side.variant}`, () => {
            const connection = byPurpose[operation.kind].get(side.variant)
            if (connection === undefined) throw notThere(side.variant)
            return new SideRunner(operation, side, connection, world.clock, rowsOf)
          }),
        ),
      )
    }),
  )
}

function at<T>(values: readonly (T | undefined)[], index: number): T {
  const value = values[index]
  if (value === undefined) throw notThere(index)
  return value
}

const notThere = (what: string | number): RangeError =>
  new RangeError(`the plan of a round names ${what}, which is not there`)
