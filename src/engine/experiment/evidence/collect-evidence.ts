import { variantEvidence } from './variant-evidence.ts'
import { compareAnswers } from './compare-answers.ts'
import { countRows } from './count-rows.ts'
import { drawOperations } from '../draw-operations.ts'
import type { EngineStep } from '../event.ts'
import type { Findings } from '../findings.ts'
import type { Measurement } from '../measurement.ts'
import { onlySides, type DrawnOperation } from '../../draw/drawn-operation.ts'
import { sideKey } from '../plan-round.ts'

/**
 * What needs no clock: draws the arguments of every operation, then puts answers, plans and counters of every variant
 * into `findings`. Writes are committed to the clones. What another engine answers otherwise is not among the operations
 * returned: right before fast.
 * @throws InvalidMeasurementError when variants disagree on an answer
 */
export async function collectEvidence(
  measurement: Measurement,
  findings: Findings,
  step: (name: EngineStep) => void,
): Promise<readonly DrawnOperation[]> {
  step('drawing arguments')
  const drawn = await drawOperations(measurement, findings)
  step('comparing answers and counting')
  findings.evidence = await variantEvidence(measurement, drawn)
  compareAnswers(measurement.loaded, measurement.variants, findings.evidence)
  if (measurement.options.cost !== undefined) step('counting rows on a libSQL server')
  await countRows(measurement, drawn, findings)
  const differing = new Set(
    findings.evidence.flatMap(({ variant, operations }) =>
      operations.flatMap(({ operation, difference }) =>
        difference === undefined ? [] : [sideKey(operation, variant)],
      ),
    ),
  )
  return onlySides(drawn, (operation, variant) => !differing.has(sideKey(operation, variant)))
}
