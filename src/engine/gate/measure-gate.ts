import { UsageError } from '../../core/errors.ts'
import { environmentStamp } from '../../run/environment.ts'
import type { GateRound, GateRun, GateSettings } from '../../run/gate/gate-run.ts'
import { newRunId } from '../../run/run-header.ts'
import { runFormatVersion, type ScenarioRun } from '../../run/run.ts'
import type { Budget } from '../../scenario/budget.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { defaultDriver, describeDrivers, type DriverName } from '../../target/drivers.ts'
import { engineVersions } from '../../target/versions.ts'
import { candidateBudgets } from './candidate-budgets.ts'
import type { VariantAnswers } from '../experiment/evidence/compare-answers.ts'
import { withWriteClones } from '../experiment/database-copies.ts'
import { drawSides } from './draw-sides.ts'
import { announce, type Emit, type Step } from '../experiment/event.ts'
import type { Findings } from '../experiment/findings.ts'
import type { GateSide } from './sides/gate-side.ts'
import { collectSideEvidence } from './collect-side-evidence.ts'
import type { Measurement } from '../experiment/measurement.ts'
import { type PairedOperation, type PairedOperations, pairOperations } from './pair-operations.ts'
import { defaultSampling } from '../experiment/sampling.ts'
import { describeSide, identifySide } from './describe-side.ts'
import { type StagedSides, withStagedSides } from './stage-sides.ts'
import { timeGateRounds } from './time-gate-rounds.ts'
import { type RunRound, runRoundInChild } from '../experiment/time-rounds.ts'
import { TimingCollector } from '../experiment/timings.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'

/** What to compare, and how. */
export interface GateRequest {
  readonly baseline: GateSide
  readonly candidate: GateSide
  /** Operations to judge; all reads when absent. A write is timed only when it is named. */
  readonly operations?: readonly string[]
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

/** What is found while it is measured. */
interface GateFindings extends Findings {
  readonly rounds: GateRound[]
  answers: readonly VariantAnswers[]
}

/**
 * Measures candidate against baseline until the gate is decided. A failure after the first round does not lose what was
 * measured: the Run is marked partial and the failure stands beside it.
 * @throws InvalidMeasurementError when the sides disagree on an answer
 * @throws UsageError or TargetError when a database cannot be made, or the sides have nothing in common
 * @throws InterruptedError when nothing was measured yet
 */
export async function measureGate(request: GateRequest, version: string): Promise<GateOutcome> {
  const { settings, emit, signal } = request
  const startedAt = new Date()
  const environment = environmentStamp(engineVersions(), await describeDrivers(driversOf(request)))
  const { operations, notes } = comparedOperations(request)
  const compared = operations.map((pair) => pair.candidate)
  const held = candidateBudgets(request.candidate, compared, request.operations !== undefined)
  const loaded = withOnly(request.candidate.loaded, compared, held.budgets)
  const step = announce(loaded, request)
  step('staging databases')
  const { seed, scale } = settings
  return withStagedSides(
    [request.baseline, request.candidate],
    { seed, scale, emit, signal },
    async (sides) => {
      const findings: GateFindings = {
        timings: new TimingCollector(),
        warnings: [...notes, ...noteOfPlaces(request), ...held.notes],
        complete: false,
        rounds: [],
        answers: [],
      }
      const measurement = fileMeasurement(loaded, sides, request)
      const [baseline, candidate] = sides
      const identities = { baseline: await identifySide(baseline), candidate: await identifySide(candidate) }
      let failure: unknown
      try {
        await measureSides(measurement, sides, operations, request, findings, step)
        findings.complete = true
      } catch (error) {
        if (findings.rounds.length === 0) throw error
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
        baseline: describeSide(baseline, identities.baseline, operations, findings.answers),
        candidate: describeSide(candidate, identities.candidate, operations, findings.answers),
        scenario: assembleGateScenario(measurement, sides, findings),
        rounds: findings.rounds,
      }
      return { run, failure }
    },
  )
}

/**
 * The operations in common. Writes that were not named are counted where both sides are seeded: their counters are worth
 * having, and their rows are known to fit. A server is never written to.
 */
function comparedOperations({ baseline, candidate, operations: names }: GateRequest): PairedOperations {
  const paired = pairOperations(baseline.loaded, candidate.loaded, names)
  const places = [baseline, candidate].map(({ place }) => place.kind)
  const writes = paired.operations.filter((pair) => pair.candidate.kind === 'write')
  const reads = paired.operations.filter((pair) => pair.candidate.kind === 'read')
  const ids = writes.map((pair) => pair.candidate.id).join(',')
  if (names !== undefined && writes.length > 0 && places.includes('server')) {
    throw new UsageError(
      'GATE_WRITES',
      `${ids}: writes, and a server is only read; name reads with --operations`,
    )
  }
  if (names === undefined && reads.length === 0) {
    throw new UsageError(
      'GATE_WRITES',
      `${candidate.loaded.id} has only writes, which are timed when they are named: --operations ${ids}`,
    )
  }
  const isSeeded = places.every((kind) => kind === 'variant')
  return names === undefined && !isSeeded ? { ...paired, operations: reads } : paired
}

/** Between a server and a file lies the way to the server. */
function noteOfPlaces({ baseline, candidate }: GateRequest): readonly string[] {
  const servers = [baseline, candidate].filter(({ place }) => place.kind === 'server').length
  return servers === 1
    ? [
        'one side is a server and the other a file in this process: what lies between them is also the network and the driver',
      ]
    : []
}

const withOnly = (
  loaded: LoadedScenario,
  operations: LoadedScenario['scenario']['operations'],
  budgets: readonly Budget[],
): LoadedScenario => ({ ...loaded, scenario: { ...loaded.scenario, operations, budgets } })

/** Those sides that are files, as one scenario under measurement. */
function fileMeasurement(
  loaded: LoadedScenario,
  sides: StagedSides,
  { settings: { seed, scale }, emit, signal }: GateRequest,
): Measurement {
  const variants = sides.flatMap(({ variant, database }) =>
    database.kind === 'server' ? [] : [{ ...variant, stage: database.stage, clonePath: null }],
  )
  return { loaded, variants, options: { seed, scale, sampling: defaultSampling, emit, signal } }
}

async function measureSides(
  measurement: Measurement,
  sides: StagedSides,
  operations: readonly PairedOperation[],
  { settings, emit, signal, operations: names, runRound = runRoundInChild }: GateRequest,
  findings: GateFindings,
  step: Step,
): Promise<void> {
  const { loaded } = measurement
  const timesWrites = names !== undefined
  const measure = async (cloned: Measurement): Promise<void> => {
    step('drawing arguments')
    const drawn = await drawSides(sides, operations, { seed: settings.seed, timesWrites })
    step('comparing answers and counting')
    const { evidence, answers } = await collectSideEvidence(sides, cloned, drawn)
    findings.evidence = evidence
    findings.answers = answers
    step('timing')
    const timed = drawn.filter(({ operation }) => operation.kind === 'read' || timesWrites)
    const work = { scenario: loaded.id, sides, emit, signal, runRound }
    await timeGateRounds(work, timed, settings, { collector: findings.timings, rounds: findings.rounds })
  }
  await withWriteClones(measurement, () => step('cloning for writes'), measure)
}

const causeOf = (failure: unknown): string =>
  failure instanceof Error ? failure.message : 'a failure without words'

/**
 * The scenario of a gate's Run: its variants are those sides whose databases can be looked into, which a server's cannot;
 * its timings are of both. `measurement` is of the files alone.
 */
function assembleGateScenario(measurement: Measurement, sides: StagedSides, findings: Findings): ScenarioRun {
  const { dataset, ...scenario } = assembleScenarioRun(measurement, [], findings)
  const drivers = new Map(sides.map(({ variant }) => [variant.id, variant.driver]))
  const isSeeded = sides.every(({ database }) => database.kind === 'seeded')
  const digests = sides.flatMap(({ variant, database }) =>
    database.kind === 'server' ? [] : [[variant.id, database.stage.dataDigest] as const],
  )
  return {
    ...scenario,
    ...(isSeeded ? { dataset } : {}),
    // Seeded rows go by the kind of their ids; rows of others by the side that they belong to.
    dataDigests: isSeeded ? scenario.dataDigests : Object.fromEntries(digests),
    timings: findings.timings.timings((variant) => drivers.get(variant) ?? defaultDriver),
  }
}

/** Drivers of the sides that are variants: a file and a server are named by the side itself. */
const driversOf = ({ baseline, candidate }: GateRequest): readonly DriverName[] =>
  [baseline, candidate].flatMap(({ place }) => (place.kind === 'variant' ? [place.variant.driver] : []))
