import { streamKey } from '../random/hash.ts'
import type { Row } from '../target/connection.ts'
import { NativeConnection } from '../target/native.ts'
import { argumentTuples, drawRowids } from './draw-arguments.ts'
import type { Findings } from './findings.ts'
import type { Measurement } from './measurement.ts'
import type { DrawnOperation } from './drawn-operation.ts'
import { tuplesOfRead, writeTuples } from './sampling.ts'

/** Draws the arguments of every operation, for every variant that takes part in it, from that variant's data. */
export function drawOperations(measurement: Measurement, findings: Findings): readonly DrawnOperation[] {
  const { loaded, variants, stages, options } = measurement
  const connections = stages.map((stage) => new NativeConnection(stage.path, { readOnly: true }))
  const [baseline] = connections
  if (baseline === undefined) return []
  try {
    return loaded.scenario.operations.map((operation) => {
      const key = streamKey(options.seed, loaded.id, operation.id)
      const count =
        operation.kind === 'read'
          ? tuplesOfRead(options.sampling)
          : writeTuples(operation.statementsPerTransaction, options.sampling)
      const rowids = drawRowids(baseline, operation.draw, count, key)
      if (operation.kind === 'write' && /^\s*DELETE\b/i.test(operation.sql) && rowids.length < count) {
        findings.warnings.push(
          `${operation.id}: ${count} deletes but only ${rowids.length} rows of ${operation.draw.table} to delete; later ones find nothing. Raise --scale`,
        )
      }
      const taking = variants.flatMap((variant, index) =>
        operation.kind === 'read' || !variant.id.endsWith(':no-stats') ? [index] : [],
      )
      const drawn = new Map<string, readonly Row[]>()
      const args = connections.map((connection, index) => {
        if (!taking.includes(index)) return []
        const { data, migrations } = stages[index]?.plan ?? {}
        const rows = JSON.stringify([data, migrations])
        const tuples = drawn.get(rows) ?? argumentTuples(connection, operation, rowids, count, key)
        drawn.set(rows, tuples)
        return tuples
      })
      return { operation, args, variants: taking }
    })
  } finally {
    for (const connection of connections) connection.close()
  }
}
