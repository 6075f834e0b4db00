import { streamKey } from '../../random/random.ts'
import { measuresWrites } from '../../scenario/expand.ts'
import type { Row } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawnCount, drawRows, drawSource } from '../draw/draw-arguments.ts'
import type { DrawnOperation, DrawnSide } from '../draw/drawn-operation.ts'
import type { Findings } from './findings.ts'
import type { Measurement } from './measurement.ts'
import { tuplesOfRead, writeTuples } from './sampling.ts'

/** Another process that closes the same stage holds it for a moment. */
const busyTimeoutMs = 5_000

/** Draws the arguments of every operation, for every variant that takes part in it, from that variant's data. */
export async function drawOperations(
  { loaded, variants, options }: Measurement,
  findings: Findings,
): Promise<readonly DrawnOperation[]> {
  const asked = variants.map((variant) => ({
    ...variant,
    connection: new NativeConnection(variant.stage.path, { readOnly: true, busyTimeoutMs }),
  }))
  const [baseline, ...others] = asked.map(({ connection }) => connection)
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
      const known = new Map<string, readonly Row[]>()
      const sides: DrawnSide[] = []
      for (const { connection, ...variant } of asked) {
        if (operation.kind === 'write' && !measuresWrites(variant)) continue
        const { id, stage } = variant
        const same = JSON.stringify([stage.plan.data, stage.plan.migrations])
        const args =
          known.get(same) ??
          (await argumentTuples(connection, operation, rows, count, key, id, loaded.dataset.ids))
        known.set(same, args)
        sides.push({ variant: id, operation, args })
      }
      result.push({ operation, sides })
    }
    return result
  } finally {
    for (const { connection } of asked) connection.close()
  }
}
