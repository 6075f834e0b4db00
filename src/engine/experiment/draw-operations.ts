import { streamKey } from '../../random/hash.ts'
import type { Row } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawnCount, drawRows, drawSource } from '../draw/draw-arguments.ts'
import type { Findings } from './findings.ts'
import type { Measurement } from './measurement.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import { tuplesOfRead, writeTuples } from './sampling.ts'

/** Another process that closes the same stage holds it for a moment. */
const busyTimeoutMs = 5_000

/** Draws the arguments of every operation, for every variant that takes part in it, from that variant's data. */
export async function drawOperations(
  measurement: Measurement,
  findings: Findings,
): Promise<readonly DrawnOperation[]> {
  const { loaded, variants, stages, options } = measurement
  const connections = stages.map(
    (stage) => new NativeConnection(stage.path, { readOnly: true, busyTimeoutMs }),
  )
  const [baseline, ...others] = connections
  if (baseline === undefined) return []
  try {
    const result: DrawnOperation[] = []
    for (const operation of loaded.scenario.operations) {
      const key = streamKey(options.seed, loaded.id, operation.id)
      const count =
        operation.kind === 'read'
          ? tuplesOfRead(options.sampling)
          : writeTuples(operation.statementsPerTransaction, options.sampling)
      const rows = await drawRows([baseline, ...others], operation, count, key)
      if (operation.kind === 'write' && /^\s*DELETE\b/i.test(operation.sql) && drawnCount(rows) < count) {
        findings.warnings.push(
          `${operation.id}: ${count} deletes but only ${drawnCount(rows)} rows of ${drawSource(operation.draw)} to delete; later ones find nothing. Raise --scale`,
        )
      }
      const taking = variants.flatMap((variant, index) =>
        operation.kind === 'read' || !variant.id.endsWith(':no-stats') ? [index] : [],
      )
      const drawn = new Map<string, readonly Row[]>()
      const args: (readonly Row[])[] = []
      for (const [index, connection] of connections.entries()) {
        const { data, migrations } = stages[index]?.plan ?? {}
        const same = JSON.stringify([data, migrations])
        const name = variants[index]?.id ?? ''
        const tuples = taking.includes(index)
          ? (drawn.get(same) ?? (await argumentTuples(connection, operation, rows, count, key, name)))
          : []
        if (taking.includes(index)) drawn.set(same, tuples)
        args.push(tuples)
      }
      result.push({ operation, args, variants: taking })
    }
    return result
  } finally {
    for (const connection of connections) connection.close()
  }
}
