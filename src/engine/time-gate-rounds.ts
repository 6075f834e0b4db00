import { InterruptedError } from '../core/errors.ts'
import { runInChild } from '../measure/child-process.ts'
import { decideGate, type GateDecision } from '../measure/decide-gate.ts'
import { gateLooks } from '../stats/gate-looks.ts'
import { machineState, machineStrain } from '../measure/machine-state.ts'
import type { RoundPlan, RoundResult, RoundVariant } from '../measure/round-plan.ts'
import { gateOperations } from '../run/gate-operations.ts'
import { gateSides, type GateRound, type GateSettings } from '../run/gate-run.ts'
import { planGateRound, roundRoles, slowerMedians, type SlowerMedians } from './gate-round-work.ts'
import { pilotSamplings, type GateSampling } from './gate-sampling.ts'
import type { Emit } from './event.ts'
import { withCopies, type RoundCopies } from './round-copies.ts'
import type { DrawnOperation } from './drawn-operation.ts'
import type { StagedSide, StagedSides } from './stage-sides.ts'
import type { TimingCollector } from './timings.ts'
import { acknowledgedIn, refuseLostWrites } from './verify-writes.ts'

/** Carries out one round in a fresh process. A validation campaign passes its own, which slows one side. */
export type RunRound = (plan: RoundPlan, signal: AbortSignal) => Promise<RoundResult>

const entry = new URL(`../measure/round.process${import.meta.url.slice(-3)}`, import.meta.url)

export const runRoundInChild: RunRound = (plan, signal) =>
  runInChild<RoundPlan, RoundResult>(entry, plan, signal)

/** What a gate's rounds are taken of, and who is told. */
export interface GateRounds {
  readonly scenario: string
  readonly sides: StagedSides
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly runRound: RunRound
}

/**
 * The rounds of a gate, each in a fresh process on fresh copies with roles of its own, until `decideGate` has decided
 * or the time is up. An operation that is decided is measured no further. What is finished is in `collector` and
 * `rounds` at once, so that a failure keeps it.
 * @throws InvalidMeasurementError when sides differ in rows, or acknowledged writes are missing after a round
 */
export async function timeGateRounds(
  work: GateRounds,
  drawn: readonly DrawnOperation[],
  settings: GateSettings,
  found: { readonly collector: TimingCollector; readonly rounds: GateRound[] },
): Promise<void> {
  const startMs = performance.now()
  const mostRounds = gateLooks(drawn.length, settings.rule.budget).at(-1)?.rounds ?? 0
  const progress = (done: number): void =>
    work.emit({ kind: 'progress', scenario: work.scenario, step: 'timing', done, total: mostRounds })
  progress(0)
  let medians: SlowerMedians = new Map()
  for (const pilot of pilotSamplings) {
    const result = await oneRound(work, drawn, pilotSettings(settings, pilot), medians, 0)
    medians = slowerMedians(result.round)
  }
  let open = drawn
  for (let round = 1; round <= mostRounds && open.length > 0; round++) {
    if ((performance.now() - startMs) / 1000 > settings.maxSeconds) return
    if (work.signal.aborted) throw new InterruptedError()
    const result = await oneRound(work, open, settings, medians, round)
    // How long a slice is may follow from earlier rounds: it does not depend on which side was the slower one.
    medians = new Map([...medians, ...slowerMedians(result.round)])
    found.collector.add(result.round)
    found.rounds.push(result.record)
    progress(round)
    const decision = decideGate(
      gateOperations(
        found.collector.timings(() => 'libsql'),
        drawn.map(({ operation }) => operation.id),
      ),
      settings.rule,
    )
    open = undecided(decision, drawn)
  }
}

const pilotSettings = (settings: GateSettings, pilot: Partial<GateSampling>): GateSettings => ({
  ...settings,
  sampling: { ...settings.sampling, ...pilot },
})

/** The operations to measure further: none once the gate is decided. */
function undecided(
  { word, operations }: GateDecision,
  drawn: readonly DrawnOperation[],
): readonly DrawnOperation[] {
  if (word !== 'undecided') return []
  const ids = new Set(operations.flatMap((each) => (each.word === 'undecided' ? [each.operation] : [])))
  return drawn.filter(({ operation }) => ids.has(operation.id))
}

async function oneRound(
  work: GateRounds,
  drawn: readonly DrawnOperation[],
  { sampling, orderSeed }: Pick<GateSettings, 'sampling' | 'orderSeed'>,
  medians: SlowerMedians,
  round: number,
): Promise<{ readonly round: RoundResult; readonly record: GateRound }> {
  const { sides } = work
  const roles = roundRoles(orderSeed, round)
  const files = sides.map(({ database }) => (database.kind === 'server' ? null : database.stage.path))
  const writes = drawn.some(({ operation }) => operation.kind === 'write')
  return withCopies(files, roles, writes, async (copies) => {
    const [baseline, candidate] = sides.map((side, index) => roundVariant(side, copies[index] ?? null))
    const measured = [baseline, candidate] as [RoundVariant, RoundVariant]
    const plan = planGateRound(round, measured, drawn, medians, sampling, orderSeed)
    const before = machineState()
    const startMs = performance.now()
    const result = await work.runRound(plan, work.signal)
    const seconds = (performance.now() - startMs) / 1000
    const strain = machineStrain(before, machineState(), seconds)
    verifyRound(work, drawn, copies, result)
    return {
      round: result,
      record: {
        round,
        first: roles[0] === 0 ? gateSides.baseline : gateSides.candidate,
        seconds: Math.round(seconds * 1000) / 1000,
        ...strain,
      },
    }
  })
}

function roundVariant({ variant, database }: StagedSide, copies: RoundCopies | null): RoundVariant {
  return {
    id: variant.id,
    driver: variant.driver ?? 'libsql',
    readPath: copies?.read ?? '',
    writePath: copies?.write ?? null,
    ...(database.kind === 'server'
      ? { server: { url: database.url, authTokenEnv: database.authTokenEnv } }
      : {}),
  }
}

/** Acknowledged is stored, in every round: its copies are gone afterwards. */
function verifyRound(
  { scenario, sides }: GateRounds,
  drawn: readonly DrawnOperation[],
  copies: readonly (RoundCopies | null)[],
  result: RoundResult,
): void {
  for (const [index, { variant, database }] of sides.entries()) {
    const written = copies[index]?.write ?? null
    if (written === null || database.kind === 'server') continue
    const acknowledged = acknowledgedIn(result, drawn, variant.id, index)
    refuseLostWrites({ scenario, variant: variant.id }, database.stage.path, written, acknowledged)
  }
}
