import { streamKey } from '../../random/random.ts'
import type { Operation } from '../../scenario/scenario.ts'
import type { Reader } from '../../target/open-reader.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawnCount, drawRows } from '../draw/draw-arguments.ts'
import type { AskedDatabase } from '../draw/draw-keys.ts'
import { openServer } from './sides/side-server.ts'
import type { PairedOperation } from './pair-operations.ts'
import type { DrawnOperation, DrawnSide } from '../draw/drawn-operation.ts'
import { readTuples } from '../experiment/sampling.ts'
import type { StagedSide, StagedSides } from './stage-sides.ts'

export interface DrawOptions {
  readonly seed: number
  /** Writes are timed, each transaction with arguments of its own; else they are only counted. */
  readonly timesWrites: boolean
}

/**
 * Draws the arguments of every operation. Two seeded databases hold the same rows, each in its own form, so that each
 * side has its arguments from its own; otherwise both sides get what was drawn from the baseline.
 * @throws UsageError when no row fits; TargetError when a database cannot be asked
 */
export async function drawSides(
  sides: StagedSides,
  operations: readonly PairedOperation[],
  { seed, timesWrites }: DrawOptions,
): Promise<readonly DrawnOperation[]> {
  const [baseline, candidate] = sides
  const drawer = await openDrawer(sides)
  try {
    const drawn: DrawnOperation[] = []
    for (const pair of operations) {
      const key = streamKey(seed, candidate.side.loaded.id, pair.candidate.id)
      const count = tuplesNeeded(pair.candidate, timesWrites)
      const rows = await drawRows([drawer.baseline, drawer.candidate], pair.baseline, count, key)
      const drawSide = async (
        operation: Operation,
        from: AskedDatabase,
        { variant: { id: variant }, side }: StagedSide,
      ): Promise<DrawnSide> => {
        const usable = usableTuples(operation, count, drawnCount(rows))
        const { ids } = side.loaded.dataset
        const args = await argumentTuples(from, operation, rows, usable, key, variant, ids)
        return { variant, operation, args }
      }
      drawn.push({
        operation: pair.candidate,
        sides: [
          await drawSide(pair.baseline, drawer.baseline, baseline),
          await drawSide(pair.candidate, drawer.candidate, candidate),
        ],
      })
    }
    return drawn
  } finally {
    drawer.close()
  }
}

function tuplesNeeded(operation: Operation, timesWrites: boolean): number {
  if (operation.kind === 'read') return readTuples
  const { statementsPerTransaction } = operation
  return timesWrites ? gateWriteTuples(statementsPerTransaction) : statementsPerTransaction
}

/** Databases that arguments come from: one of both sides, or one each. */
interface Drawer {
  readonly baseline: AskedDatabase
  readonly candidate: AskedDatabase
  readonly close: () => void
}

async function openDrawer([baseline, candidate]: StagedSides): Promise<Drawer> {
  const isEachOwn = candidate.database.kind === 'seeded' && baseline.database.kind === 'seeded'
  const first = await openSide(baseline)
  if (!isEachOwn) return { baseline: first, candidate: first, close: () => first.close() }
  const second = await openSide(candidate)
  return {
    baseline: first,
    candidate: second,
    close: () => [first, second].forEach((connection) => connection.close()),
  }
}

const openSide = async ({ database }: StagedSide): Promise<Reader> =>
  database.kind === 'server'
    ? openServer(database)
    : new NativeConnection(database.stage.path, { readOnly: true, busyTimeoutMs: 5_000 })

/** Transactions of each side in a round: their arguments are used once, and travel to the process that measures. */
const mostTransactions = 1000

/** Tuples that a timed write needs: rounds begin on fresh copies, so that each may use all of them. */
export const gateWriteTuples = (statementsPerTransaction: number): number =>
  mostTransactions * statementsPerTransaction

/** How many of `count` tuples can be used where `rows` were drawn: what is deleted cannot be deleted again. */
export function usableTuples(operation: Operation, count: number, rows: number): number {
  if (operation.kind === 'read' || !/^\s*DELETE\b/i.test(operation.sql)) return count
  const { statementsPerTransaction } = operation
  const transactions = Math.floor(Math.min(rows, count) / statementsPerTransaction)
  return Math.max(transactions, 1) * statementsPerTransaction
}
