import { InterruptedError } from '../core/errors.ts'
import { stagePlanOf, type MeasureOptions, type Measurement } from './measurement.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { expandVariants } from '../scenario/expand.ts'
import type { ScenarioRun } from '../run/run.ts'
import { stageDatabases } from '../stage/stage-databases.ts'
import { assembleScenarioRun } from './assemble.ts'
import type { Findings } from './findings.ts'
import { compareAnswers } from './compare-answers.ts'
import { drawOperations } from './draw-operations.ts'
import type { EngineStep } from './event.ts'
import { measureClientWork } from './client-work.ts'
import { collectEvidence } from './collect-evidence.ts'
import { timeBuilds, weighCaches } from './side-measures.ts'
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
  const variants = expandVariants(loaded.scenario)
  step('staging databases')
  const stages = await stageDatabases(
    variants.map((variant) => stagePlanOf(variant, options)),
    {
      signal,
      onSeeding: (rowsDone, rowsTotal) => emit({ kind: 'seeding', rowsDone, rowsTotal }),
      onStaged: (done, total) =>
        emit({ kind: 'progress', scenario: loaded.id, step: 'staging databases', done, total }),
    },
  )
  const measurement: Measurement = { loaded, variants, stages, options }
  const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
  const clones = await WriteClones.make(measurement, () => step('cloning for writes'))
  try {
    step('drawing arguments')
    const drawn = drawOperations(measurement, findings)
    step('comparing answers and counting')
    findings.evidence = await collectEvidence(measurement, drawn, clones)
    compareAnswers(loaded, variants, findings.evidence)
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
