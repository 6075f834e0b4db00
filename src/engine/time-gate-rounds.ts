import { InterruptedError } from '../core/errors.ts'
import { runInChild } from '../measure/child-process.ts'
import { decideGate, type GateDecision } from '../measure/decide-gate.ts'
import { gateLooks } from '../measure/gate-looks.ts'
import { machineState, machineStrain } from '../measure/machine-state.ts'
import type { RoundPlan, RoundResult, RoundVariant } from '../measure/round-plan.ts'
import { gateOperations } from '../run/gate-operations.ts'
import { gateSides, type GateRound, type GateSettings } from '../run/gate-run.ts'
import { planGateRound, roundRoles, slowerMedians, type SlowerMedians } from './gate-round-work.ts'
import type { GateSampling } from './gate-sampling.ts'
import type { Measurement } from './measurement.ts'
import { withCopies } from './round-copies.ts'
import type { DrawnOperation } from './round-work.ts'
import type { TimingCollector } from './timings.ts'

/** Carries out one round in a fresh process. A validation campaign passes its own, which slows one side. */
export type RunRound = (plan: RoundPlan, signal: AbortSignal) => Promise<RoundResult>

const entry = new URL(`../measure/round.process${import.meta.url.slice(-3)}`, import.meta.url)

export const runRoundInChild: RunRound = (plan, signal) =>
  runInChild<RoundPlan, RoundResult>(entry, plan, signal)

/** Short rounds before the first that set the length of slices: one with cold caches, one that knows a little. */
const pilots: readonly Partial<GateSampling>[] = [
  { operationMs: 1, warmupMs: 1, fewestSamples: 4 },
  { operationMs: 100, warmupMs: 50, fewestSamples: 10 },
]

/**
 * The rounds of a gate, each in a fresh process on fresh copies with roles of its own, until `decideGate` has decided
 * or the time is up. An operation that is decided is measured no further. What is finished is in `collector` and
 * `rounds` at once, so that a failure keeps it.
 */
export async function timeGateRounds(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  settings: GateSettings,
  found: { readonly collector: TimingCollector; readonly rounds: GateRound[] },
  runRound: RunRound,
): Promise<void> {
  const { loaded, options } = measurement
  const startMs = performance.now()
  const mostRounds = gateLooks(drawn.length, settings.rule.budget).at(-1)?.rounds ?? 0
  const progress = (done: number): void =>
    options.emit({ kind: 'progress', scenario: loaded.id, step: 'timing', done, total: mostRounds })
  progress(0)
  let medians: SlowerMedians = new Map()
  for (const pilot of pilots) {
    const result = await oneRound(measurement, drawn, pilotSettings(settings, pilot), medians, 0, runRound)
    medians = slowerMedians(result.round)
  }
  let open = drawn
  for (let round = 1; round <= mostRounds && open.length > 0; round++) {
    if ((performance.now() - startMs) / 1000 > settings.maxSeconds) return
    if (options.signal.aborted) throw new InterruptedError()
    const result = await oneRound(measurement, open, settings, medians, round, runRound)
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
  { variants, stages, options }: Measurement,
  drawn: readonly DrawnOperation[],
  { sampling, orderSeed }: Pick<GateSettings, 'sampling' | 'orderSeed'>,
  medians: SlowerMedians,
  round: number,
  runRound: RunRound,
): Promise<{ readonly round: RoundResult; readonly record: GateRound }> {
  const roles = roundRoles(orderSeed, round)
  return withCopies(stages, roles, async (paths) => {
    const side = (index: number): RoundVariant => ({
      id: variants[index]?.id ?? '',
      driver: variants[index]?.driver ?? 'libsql',
      readPath: paths[index] ?? '',
      writePath: null,
    })
    const plan = planGateRound(round, [side(0), side(1)], drawn, medians, sampling, orderSeed)
    const before = machineState()
    const startMs = performance.now()
    const result = await runRound(plan, options.signal)
    const seconds = (performance.now() - startMs) / 1000
    return {
      round: result,
      record: {
        round,
        first: roles[0] === 0 ? gateSides.baseline : gateSides.candidate,
        seconds: Math.round(seconds * 1000) / 1000,
        ...machineStrain(before, machineState(), seconds),
      },
    }
  })
}
