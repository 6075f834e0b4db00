import type { Connection, Row, TimedStatement, TimedTransaction } from '../target/connection.ts'
import type { Clock } from './clock.ts'
import {
  sliceArguments,
  type RoundOperation,
  type RoundPlan,
  type RoundResult,
  type RoundStep,
  type RoundVariant,
  type SliceResult,
} from './round-plan.ts'
import { timeSlice, timeTransactions, type SliceSamples } from './slice.ts'

/** What a round needs from its process; a test passes fakes and gets exact numbers. */
export interface RoundWorld {
  readonly clock: Clock
  open(variant: RoundVariant, purpose: 'read' | 'write'): Promise<Connection>
  /** Frees memory: young objects before every block; all before every pass, as drivers finalise statements only then. */
  collectGarbage(extent: 'young' | 'all'): void
  rssBytes(): number
}

type Runner = (args: readonly Row[]) => Promise<SliceSamples>

/** Carries out a round: warms up every operation on every variant, then runs the steps in their order. */
export async function runRound(plan: RoundPlan, world: RoundWorld): Promise<RoundResult> {
  const connections: Connection[] = []
  try {
    const runners = await openRunners(plan, world, connections)
    await warmUp(plan, runners)
    const slices: SliceResult[] = []
    let pass = -1
    const startNs = world.clock.nowNs()
    const begun = new Set<number>()
    for (const step of plan.steps) {
      const elapsedMs = (world.clock.nowNs() - startNs) / 1e6
      if (elapsedMs > (plan.timeLimitMs ?? Infinity) && begun.has(step.operation)) continue
      begun.add(step.operation)
      const operation = at(plan.operations, step.operation)
      const passOfStep = step.block - operation.firstBlock
      world.collectGarbage(passOfStep === pass ? 'young' : 'all')
      pass = passOfStep
      slices.push(...(await runBlock(plan, step, at(runners, step.operation))))
    }
    return { round: plan.round, slices, rssBytes: world.rssBytes() }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** One slice of every variant of a block, in turns. */
async function runBlock(
  plan: RoundPlan,
  step: RoundStep,
  runners: readonly (Runner | undefined)[],
): Promise<readonly SliceResult[]> {
  const operation = at(plan.operations, step.operation)
  const { samplesPerSlice, samplesPerTurn = samplesPerSlice, statementsPerSample } = operation
  const sides = step.order.map((variantIndex, order) => ({
    order,
    variant: at(plan.variants, variantIndex).id,
    run: at(runners, variantIndex),
    args: sliceArguments(at(operation.args, variantIndex), operation, step.block),
    durationsNs: new Float64Array(samplesPerSlice),
    rows: 0,
  }))
  const backwards = sides.toReversed()
  for (let done = 0, turn = 0; done < samplesPerSlice; done += samplesPerTurn, turn++) {
    for (const side of turn % 2 === 0 ? sides : backwards) {
      const turnsArguments = side.args.slice(
        done * statementsPerSample,
        (done + samplesPerTurn) * statementsPerSample,
      )
      const samples = await side.run(turnsArguments)
      side.durationsNs.set(samples.durationsNs, done)
      side.rows += samples.rows
    }
  }
  return sides.map(({ variant, order, durationsNs, rows }) => ({
    operation: operation.id,
    variant,
    block: step.block,
    order,
    durationsNs,
    rows,
  }))
}

async function openRunners(
  plan: RoundPlan,
  world: RoundWorld,
  connections: Connection[],
): Promise<readonly (readonly (Runner | undefined)[])[]> {
  const opened = async (purpose: 'read' | 'write'): Promise<readonly (Connection | undefined)[]> => {
    const wanted = plan.operations.filter((operation) => operation.kind === purpose)
    const result: (Connection | undefined)[] = []
    for (const [index, variant] of plan.variants.entries()) {
      const used = wanted.some((operation) => operation.variants.includes(index))
      const connection = used ? await world.open(variant, purpose) : undefined
      if (connection) connections.push(connection)
      result.push(connection)
    }
    return result
  }
  const readers = await opened('read')
  const writers = await opened('write')
  return plan.operations.map((operation) =>
    (operation.kind === 'read' ? readers : writers).map((connection, index) =>
      connection && operation.variants.includes(index)
        ? runnerOf(connection, operation, operation.ownSql?.[index] ?? operation.sql, world.clock)
        : undefined,
    ),
  )
}

function runnerOf(connection: Connection, operation: RoundOperation, sql: string, clock: Clock): Runner {
  if (operation.kind === 'read') {
    const statement: TimedStatement = connection.prepareTimed(sql)
    return (args) => timeSlice(statement, args, clock)
  }
  const transaction: TimedTransaction = connection.prepareTimedTransaction(sql)
  const size = operation.statementsPerSample
  return (args) => {
    const batches = Array.from({ length: Math.ceil(args.length / size) }, (_, i) =>
      args.slice(i * size, (i + 1) * size),
    )
    return timeTransactions(transaction, batches, clock)
  }
}

async function warmUp(plan: RoundPlan, runners: readonly (readonly (Runner | undefined)[])[]): Promise<void> {
  for (const [index, operation] of plan.operations.entries()) {
    if (operation.warmupSamples === 0) continue
    for (const variantIndex of operation.variants) {
      const args = at(operation.args, variantIndex)
      const warm = Array.from({ length: operation.warmupSamples }, (_, i) => args[i % args.length] as Row)
      await at(at(runners, index), variantIndex)(warm)
    }
  }
}

function at<T>(values: readonly (T | undefined)[], index: number): T {
  const value = values[index]
  if (value === undefined)
    throw new RangeError(`the plan of a round names index ${index}, which is not there`)
  return value
}
