import type { ScenarioRun } from '../../run/run.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'
import { withWriteClones } from '../experiment/database-copies.ts'
import { announce, type Step } from '../experiment/event.ts'
import type { Findings } from '../experiment/findings.ts'
import { lookAtOperations } from '../experiment/look-at-operations.ts'
import type { MeasureOptions, Measurement } from '../experiment/measurement.ts'
import { stageScenario } from '../experiment/stage-scenario.ts'
import { TimingCollector } from '../experiment/timings.ts'
import { markUnsteady } from './unsteady-counters.ts'

/**
 * Measures what needs no clock of one scenario: databases, answers, plans and counters. With two looks, each on fresh
 * clones and in processes of its own, counters that do not repeat are named.
 * @throws InvalidMeasurementError when variants disagree on an answer
 * @throws InterruptedError when it was cut short: half of the counters would judge half of the scenario
 */
export function measureCounters(looks: 1 | 2) {
  return async (
    loaded: LoadedScenario,
    claims: ScenarioRun['claims'],
    options: MeasureOptions,
  ): Promise<ScenarioRun> => {
    const step = announce(loaded, options)
    step('staging databases')
    const measurement = await stageScenario(loaded, options)
    const findings = await look(measurement, step)
    if (looks === 2) {
      const again = await look(measurement, step)
      findings.evidence = markUnsteady(findings.evidence ?? [], again.evidence ?? [])
    }
    return assembleScenarioRun(measurement, claims, { ...findings, complete: true })
  }
}

async function look(measurement: Measurement, step: Step): Promise<Findings> {
  const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
  await withWriteClones(
    measurement,
    () => step('cloning for writes'),
    (cloned) => lookAtOperations(cloned, findings, step),
  )
  return findings
}
