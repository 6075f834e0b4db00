import { InterruptedError } from '../core/errors.ts'
import { environmentStamp } from '../run/environment.ts'
import type { GateRound, GateRun, GateSettings } from '../run/gate-run.ts'
import { newRunId } from '../run/run-id.ts'
import { runFormatVersion } from '../run/run.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { stageDatabases } from '../stage/stage-databases.ts'
import { engineVersions } from '../target/versions.ts'
import { assembleScenarioRun } from './assemble.ts'
import { collectEvidence } from './collect-evidence.ts'
import { compareAnswers } from './compare-answers.ts'
import { drawOperations } from './draw-operations.ts'
import type { Emit, EngineStep } from './event.ts'
import type { Findings } from './findings.ts'
import { sideVariants, type GateSide } from './gate-side.ts'
import { stagePlanOf, type Measurement } from './measurement.ts'
import { defaultSampling } from './sampling.ts'
import { runRoundInChild, timeGateRounds, type RunRound } from './time-gate-rounds.ts'
import { TimingCollector } from './timings.ts'
import { WriteClones } from './write-clones.ts'

/** What to compare, and how. */
export interface GateRequest {
  /** With the operations to judge and no others. */
  readonly loaded: LoadedScenario
  readonly baseline: GateSide
  readonly candidate: GateSide
  readonly settings: GateSettings
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly runRound?: RunRound
}

/** What became of a gate: everything measured, and the error that cut it short, if any. */
export interface GateOutcome {
  readonly run: GateRun
  /** Undefined for a gate that came to its end. */
  readonly failure: unknown
}

/**
 * Measures candidate against baseline until the gate is decided. A failure after the first pair does not lose what was
 * measured: the Run is marked partial and the failure stands beside it.
 * @throws InvalidMeasurementError when the sides disagree on an answer
 * @throws UsageError or TargetError when a database cannot be made
 * @throws InterruptedError when nothing was measured yet
 */
export async function measureGate(request: GateRequest, version: string): Promise<GateOutcome> {
  const { settings, baseline, candidate } = request
  const startedAt = new Date()
  const environment = environmentStamp(engineVersions())
  const measurement = await stageSides(request)
  const findings: Findings = { timings: new TimingCollector(), warnings: [], complete: false }
  const rounds: GateRound[] = []
  let failure: unknown
  try {
    await measureSides(measurement, request, findings, rounds)
    findings.complete = true
  } catch (error) {
    if (rounds.length === 0) throw error
    failure = error
  }
  const run: GateRun = {
    format: 'forgebench-run',
    version: runFormatVersion,
    kind: 'gate',
    id: newRunId(startedAt),
    status: failure === undefined ? 'complete' : 'partial',
    cutShort: failure === undefined ? null : causeOf(failure),
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    forgebench: version,
    environment,
    settings,
    baseline: { spec: baseline.spec, variant: baseline.variant.id },
    candidate: { spec: candidate.spec, variant: candidate.variant.id },
    scenario: assembleScenarioRun(measurement, [], findings),
    rounds,
  }
  return { run, failure }
}

async function stageSides({
  loaded,
  baseline,
  candidate,
  settings,
  emit,
  signal,
}: GateRequest): Promise<Measurement> {
  emit({ kind: 'scenario', id: loaded.id, title: loaded.scenario.title })
  emit({ kind: 'step', scenario: loaded.id, step: 'staging databases' })
  const { seed, scale } = settings
  const options = { seed, scale, sampling: defaultSampling, emit, signal }
  const variants = sideVariants(baseline, candidate)
  const stages = await stageDatabases(
    variants.map((variant) => stagePlanOf(variant, options)),
    {
      signal,
      onSeeding: (rowsDone, rowsTotal) => emit({ kind: 'seeding', rowsDone, rowsTotal }),
      onStaged: (done, total) =>
        emit({ kind: 'progress', scenario: loaded.id, step: 'staging databases', done, total }),
    },
  )
  return { loaded, variants, stages, options }
}

async function measureSides(
  measurement: Measurement,
  { loaded, settings, emit, signal, runRound = runRoundInChild }: GateRequest,
  findings: Findings,
  rounds: GateRound[],
): Promise<void> {
  const step = (name: EngineStep): void => {
    if (signal.aborted) throw new InterruptedError()
    emit({ kind: 'step', scenario: loaded.id, step: name })
  }
  const clones = await WriteClones.make(measurement, () => step('cloning for writes'))
  try {
    step('drawing arguments')
    const drawn = drawOperations(measurement, findings)
    step('comparing answers and counting')
    findings.evidence = await collectEvidence(measurement, drawn, clones)
    compareAnswers(loaded, measurement.variants, findings.evidence)
    step('timing')
    const reads = drawn.filter(({ operation }) => operation.kind === 'read')
    await timeGateRounds(measurement, reads, settings, { collector: findings.timings, rounds }, runRound)
  } finally {
    await clones.remove()
  }
}

const causeOf = (failure: unknown): string =>
  failure instanceof Error ? failure.message : 'a failure without words'
