import { UsageError } from '../core/errors.ts'
import { streamKey } from '../random/hash.ts'
import type { Operation } from '../scenario/scenario.ts'
import type { Row } from '../target/connection.ts'
import { NativeConnection } from '../target/native.ts'
import { argumentTuples, drawRowids, tuplesOf } from './draw-arguments.ts'
import { drawRemoteRowids, drawnRows } from './draw-remote.ts'
import { idEncodingOf } from './fresh-id.ts'
import { gateWriteTuples, usableTuples } from './gate-write-work.ts'
import { openServer } from './open-server.ts'
import type { PairedOperation } from './pair-operations.ts'
import type { DrawnOperation } from './drawn-operation.ts'
import { readTuples } from './sampling.ts'
import type { StagedSide, StagedSides } from './stage-sides.ts'

export interface DrawOptions {
  readonly seed: number
  /** Writes are timed, each transaction with arguments of its own; else they are only looked at. */
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
  const { id } = sides[1].side.loaded
  const drawer = openDrawer(sides)
  try {
    const drawn: DrawnOperation[] = []
    for (const pair of operations) {
      const own = [pair.baseline, pair.candidate] as const
      const key = streamKey(seed, id, pair.candidate.id)
      const args = await drawer.draw(own, tuplesNeeded(pair.candidate, timesWrites), key)
      const sql = pair.baseline === pair.candidate ? {} : { own }
      drawn.push({ operation: pair.candidate, args, variants: [0, 1], ...sql })
    }
    return drawn
  } finally {
    drawer.close()
  }
}

interface Drawer {
  draw(own: readonly [Operation, Operation], count: number, key: number): Promise<readonly (readonly Row[])[]>
  close(): void
}

function tuplesNeeded(operation: Operation, timesWrites: boolean): number {
  if (operation.kind === 'read') return readTuples
  const { statementsPerTransaction } = operation
  return timesWrites ? gateWriteTuples(statementsPerTransaction) : statementsPerTransaction
}

function openDrawer([baseline, candidate]: StagedSides): Drawer {
  if (baseline.database.kind === 'server') return serverDrawer(baseline)
  const isShared = candidate.database.kind !== 'seeded' || baseline.database.kind !== 'seeded'
  const paths = [baseline, isShared ? baseline : candidate].map(({ database }) =>
    database.kind === 'server' ? '' : database.stage.path,
  )
  const connections = paths.map((path) => new NativeConnection(path, { readOnly: true }))
  return {
    draw: async (own, count, key) => {
      const [first, second] = connections as [NativeConnection, NativeConnection]
      const rowids = drawRowids(first, own[0].draw, count, key)
      return [first, second].map((connection, index) => {
        const operation = own[index === 0 ? 0 : 1]
        const usable = usableTuples(operation, count, rowids.length)
        return argumentTuples(connection, operation, rowids, usable, key)
      })
    },
    close: () => connections.forEach((connection) => connection.close()),
  }
}

function serverDrawer({ database }: StagedSide): Drawer {
  if (database.kind !== 'server') throw new RangeError('not a server')
  const reader = openServer(database)
  return {
    draw: async (own, count, key) => {
      const rowids = await drawRemoteRowids(reader, own[0].draw, count, key)
      const tuples: (readonly Row[])[] = []
      for (const operation of own) {
        const rows = await drawnRows(reader, operation.draw, rowids)
        if (rows.length === 0) {
          throw new UsageError('NOTHING_TO_DRAW', `the rows of ${operation.draw.table} went away meanwhile`)
        }
        // Nothing is written to a server, so that the form of new ids does not matter.
        tuples.push(tuplesOf(operation, rows, () => idEncodingOf(null), count, key))
      }
      return tuples
    },
    close: () => reader.close(),
  }
}
