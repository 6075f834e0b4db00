import { errorAt } from '../../core/error-text.ts'
import { InterruptedError } from '../../core/errors.ts'
import { runInChild } from '../../measure/child-process.ts'
import { machineState, machineStrain, type MachineStrain } from '../../measure/machine-state.ts'
import type { RoundPlan, RoundResult, RoundServer } from '../../measure/round-plan.ts'
import type { DriverName } from '../../target/connection.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import type { Emit } from './event.ts'
import type { Measurement } from './measurement.ts'
import { mediansOf, planRound, roundOrder, type Medians, type RoundSpending } from './plan-round.ts'
import { withCopies, type RoundCopy } from './round-copies.ts'
import { refuseUnequalRows } from './timings.ts'
import { namingUnreadableText } from './unreadable-text.ts'
import { acknowledgedIn, refuseLostWrites } from './verify-writes.ts'

/** Carries out one round in a fresh process. A validation campaign passes its own, which slows one side. */
export type RunRound = (plan: RoundPlan, signal: AbortSignal) => Promise<RoundResult>

const entry = new URL(`../../measure/round.process${import.meta.url.slice(-3)}`, import.meta.url)

/** The process gets the variables with the tokens of the servers that it asks, and no others. */
export const runRoundInChild: RunRound = (plan, signal) =>
  runInChild<RoundPlan, RoundResult>(
    entry,
    plan,
    signal,
    plan.variants.flatMap(({ server }) => server?.authTokenEnv ?? []),
  )

/** What rounds measure: a database file, or a server. */
export interface RoundSubject {
  /** Variant of the scenario, or side of a gate. */
  readonly id: string
  readonly driver: DriverName
  /** Null for a server. */
  readonly path: string | null
  readonly server?: RoundServer
}

/** The variants of a scenario as rounds take them. */
export const subjectsOf = ({ variants, stages }: Measurement): readonly RoundSubject[] =>
  variants.map(({ id, driver = 'libsql' }, index) => ({ id, driver, path: stages[index]?.path ?? null }))

/** Rounds to carry out, and how. */
export interface RoundsWork {
  readonly scenario: string
  readonly subjects: readonly RoundSubject[]
  /** Of the order in which databases are opened, blocks stand and variants take turns. */
  readonly seed: number
  readonly mostRounds: number
  /** Rounds that are measured whatever time they take: with fewer there would be no answer at all. */
  readonly fewestRounds: number
  /** Seconds after which no further round begins. */
  readonly maxSeconds: number
  /** Short rounds before the first that tell how long calls take, then the rounds that count. */
  readonly pilots: readonly ((open: readonly DrawnOperation[], medians: Medians) => RoundSpending)[]
  readonly spend: (open: readonly DrawnOperation[], medians: Medians) => RoundSpending
  /** What slices are cut by, from the medians so far; as they are when absent. */
  readonly cutBy?: (medians: Medians) => Medians
  /** Takes in a round and says what is still to be measured: nothing ends the rounds. */
  readonly take: (result: TakenRound) => readonly DrawnOperation[]
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly runRound: RunRound
}

/** A finished round and what the machine did meanwhile. */
export interface TakenRound {
  readonly result: RoundResult
  /** Id of the subject that was copied and opened first. */
  readonly first: string
  readonly seconds: number
  readonly strain: MachineStrain
}

/**
 * Rounds, each in a fresh process, until `take` wants no more, the most rounds are reached or the time is up. What is
 * finished has been taken in at once, so that a failure keeps it.
 * @throws InvalidMeasurementError when variants differ in rows, or acknowledged writes are missing after a round
 */
export async function timeRounds(work: RoundsWork, drawn: readonly DrawnOperation[]): Promise<void> {
  const startMs = performance.now()
  const progress = (done: number): void =>
    work.emit({ kind: 'progress', scenario: work.scenario, step: 'timing', done, total: work.mostRounds })
  progress(0)
  let medians: Medians = new Map()
  for (const pilot of work.pilots) {
    medians = mediansOf((await oneRound(work, drawn, medians, pilot(drawn, medians), 0)).result)
  }
  let open = drawn
  for (let round = 1; round <= work.mostRounds && open.length > 0; round++) {
    const seconds = (performance.now() - startMs) / 1000
    if (seconds > work.maxSeconds && round > work.fewestRounds) return
    if (work.signal.aborted) throw new InterruptedError()
    const taken = await oneRound(work, open, medians, work.spend(open, medians), round)
    // How long a slice is may follow from earlier rounds: it does not depend on which variant is the slower one.
    medians = new Map([...medians, ...mediansOf(taken.result)])
    open = work.take(taken)
    progress(round)
  }
}

async function oneRound(
  work: RoundsWork,
  drawn: readonly DrawnOperation[],
  medians: Medians,
  spending: RoundSpending,
  round: number,
): Promise<TakenRound> {
  const { subjects, seed } = work
  const order = roundOrder(subjects.length, seed, round)
  const used = new Set(drawn.flatMap(({ variants }) => variants))
  const paths = subjects.map(({ path }, index) => (used.has(index) ? path : null))
  const writes = drawn.some(({ operation }) => operation.kind === 'write')
  return withCopies(paths, order, writes, async (copies) => {
    const variants = subjects.map(({ id, driver, server }, index) => ({
      id,
      driver,
      readPath: copies[index]?.read ?? '',
      writePath: copies[index]?.write ?? null,
      ...(server === undefined ? {} : { server }),
    }))
    const plan = planRound(round, variants, drawn, work.cutBy?.(medians) ?? medians, spending, seed)
    const before = machineState()
    const startMs = performance.now()
    const result = await work.runRound(plan, work.signal).catch(async (error: unknown) => {
      const paths = variants.flatMap(({ readPath, writePath }) => [readPath, writePath ?? ''])
      const place = `${work.scenario}, round ${round}`
      throw errorAt(place, await namingUnreadableText(place, readsOf(plan), error), paths)
    })
    refuseUnequalRows(result)
    const seconds = (performance.now() - startMs) / 1000
    const strain = machineStrain(before, machineState(), seconds)
    verifyRound(work, drawn, copies, result)
    return { result, first: subjects[order[0] ?? 0]?.id ?? '', seconds, strain }
  })
}

/** What each variant that is a file is asked in a round. */
const readsOf = ({ variants, operations }: RoundPlan): Parameters<typeof namingUnreadableText>[1] =>
  variants.flatMap(({ id, readPath, server }, variant) => {
    const reads = operations.flatMap(({ id, kind, sql, sides }) =>
      kind === 'read'
        ? sides.flatMap((side) =>
            side.variant === variant ? [{ id, sql: side.ownSql ?? sql, args: side.args }] : [],
          )
        : [],
    )
    return server === undefined ? [{ variant: id, path: readPath, reads }] : []
  })

/** Acknowledged is stored, in every round: its copies are gone afterwards. */
function verifyRound(
  { scenario, subjects }: RoundsWork,
  drawn: readonly DrawnOperation[],
  copies: readonly (RoundCopy | null)[],
  result: RoundResult,
): void {
  for (const [index, { id, path }] of subjects.entries()) {
    const written = copies[index]?.write ?? null
    if (written === null || path === null) continue
    refuseLostWrites({ scenario, variant: id }, path, written, acknowledgedIn(result, drawn, id, index))
  }
}
