import type { ScenarioRun } from '../../run/run.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'
import { withWriteClones } from '../experiment/database-copies.ts'
import { announce, type Step } from '../experiment/event.ts'
import type { Findings } from '../experiment/findings.ts'
import { refuseEngineDifferences } from '../experiment/evidence/compare-answers.ts'
import { collectEvidence } from '../experiment/evidence/collect-evidence.ts'
import type { Measurement, MeasureOptions } from '../experiment/measurement.ts'
import { stageScenario } from '../experiment/stage-scenario.ts'
import { TimingCollector } from '../experiment/timings.ts'
import type { CountedOperation, VariantEvidence } from '../experiment/evidence/variant-evidence.ts'

/**
 * Measures what needs no clock of one scenario: databases, answers, plans and counters. In two passes, each on fresh
 * clones and in processes of its own, counters that do not repeat are named.
 * @throws InvalidMeasurementError when variants disagree on an answer
 * @throws InterruptedError when it was cut short: half of the counters would judge half of the scenario
 */
export function measureCounters(passes: 1 | 2) {
  return async (
    loaded: LoadedScenario,
    claims: ScenarioRun['claims'],
    options: MeasureOptions,
  ): Promise<ScenarioRun> => {
    const step = announce(loaded, options)
    step('staging databases')
    const measurement = await stageScenario(loaded, options)
    const findings = await countOnce(measurement, step)
    if (passes === 2) {
      const again = await countOnce(measurement, step)
      findings.evidence = markUnsteady(findings.evidence ?? [], again.evidence ?? [])
    }
    return assembleScenarioRun(measurement, claims, { ...findings, complete: true })
  }
}

async function countOnce(measurement: Measurement, step: Step): Promise<Findings> {
  const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
  await withWriteClones(
    measurement,
    () => step('cloning for writes'),
    async (cloned) => {
      await collectEvidence(cloned, findings, step)
      refuseEngineDifferences(cloned.loaded, findings.evidence ?? [])
    },
  )
  return findings
}

/**
 * The first of two counts of the same scenario, with the counters named that the second did not repeat: they depend on
 * something else than schema, data and arguments, and must not be judged exactly.
 */
export function markUnsteady(
  first: readonly VariantEvidence[],
  second: readonly VariantEvidence[],
): readonly VariantEvidence[] {
  return first.map(({ variant, operations }) => {
    const again = second.find((each) => each.variant === variant)?.operations ?? []
    return {
      variant,
      operations: operations.map((found) => {
        const other = again.find(({ operation }) => operation === found.operation)
        return other === undefined ? found : { ...found, unsteady: differing(found, other) }
      }),
    }
  })
}

const counted = ({ counters, rows }: CountedOperation): Readonly<Record<string, number | null>> => ({
  rows,
  ...counters,
})

function differing(first: CountedOperation, second: CountedOperation): readonly string[] {
  const again = counted(second)
  return Object.entries(counted(first)).flatMap(([name, value]) => (again[name] === value ? [] : [name]))
}
