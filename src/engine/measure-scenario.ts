import { InterruptedError } from '../core/errors.ts'
import type { MeasureOptions } from './measurement.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import type { ScenarioRun } from '../run/run.ts'
import { assembleScenarioRun } from './assemble.ts'
import type { Findings } from './findings.ts'
import type { EngineStep } from './event.ts'
import { measureClientWork } from './client-work.ts'
import { lookAtOperations } from './look-at-operations.ts'
import { timeBuilds, weighCaches } from './side-measures.ts'
import { stageScenario } from './stage-scenario.ts'
import { timeRounds } from './time-rounds.ts'
import { TimingCollector } from './timings.ts'
import { verifyWrites } from './verify-writes.ts'
import { WriteClones } from './write-clones.ts'

const clientWorkMs = 300

/**
 * Measures one scenario from seeding to the last round. An interruption does not lose what was measured: the result
 * then says `complete: false`.
 * @throws InvalidMeasurementError when variants disagree on an answer, or acknowledged writes are missing
 * @throws InterruptedError when nothing was measured yet
 */
export async function measureScenario(
  loaded: LoadedScenario,
  claims: ScenarioRun['claims'],
  options: MeasureOptions,
): Promise<ScenarioRun> {
  const { emit, signal } = options
  const step = (name: EngineStep): void => {
    if (signal.aborted) throw new InterruptedError()
    emit({ kind: 'step', scenario: loaded.id, step: name })
  }
  emit({ kind: 'scenario', id: loaded.id, title: loaded.scenario.title })
  step('staging databases')
  const measurement = await stageScenario(loaded, options)
  const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
  const clones = await WriteClones.make(measurement, () => step('cloning for writes'))
  try {
    const drawn = await lookAtOperations(measurement, clones, findings, step)
    step('building indexes')
    findings.builds = await timeBuilds(measurement, clones)
    step('weighing caches')
    findings.caches = await weighCaches(measurement, drawn)
    step('timing client work')
    findings.clientWork = await measureClientWork(loaded.scenario.clientWork ?? [], {
      timeMs: clientWorkMs,
      seed: options.seed,
    })
    step('timing')
    await timeRounds(measurement, drawn, clones, findings.timings)
    step('verifying writes')
    verifyWrites(measurement, clones, findings)
    findings.complete = true
  } catch (error) {
    if (!(error instanceof InterruptedError) || findings.evidence === undefined) throw error
  } finally {
    await clones.remove()
  }
  return assembleScenarioRun(measurement, claims, findings)
}
