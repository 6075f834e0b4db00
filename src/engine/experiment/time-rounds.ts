import { errorAt } from '../../core/error-text.ts'
import { InterruptedError } from '../../core/errors.ts'
import { runInChild } from '../../measure/child-process.ts'
import { machineState, machineStrain, type MachineStrain } from '../../measure/machine-state.ts'
import type { RoundPlan, RoundResult, RoundServer, RoundVariant } from '../../measure/round-plan.ts'
import type { DriverName } from '../../target/connection.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import type { Emit } from './event.ts'
import type { Measurement } from './measurement.ts'
import { roundOrder, mediansOf, planRound, type Medians, type RoundSpending } from './plan-round.ts'
import { withCopies } from './database-copies.ts'
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
    plan.variants.flatMap((variant) => ('server' in variant ? (variant.server.authTokenEnv ?? []) : [])),
  )

/** What rounds measure: a variant of the scenario, or a side of a gate, which is a database file or a server. */
export type RoundSubject = { readonly id: string; readonly driver: DriverName } & (
  { readonly path: string } | { readonly server: RoundServer }
)

/** The variants of a scenario as rounds take them. */
export const subjectsOf = ({ variants }: Measurement): readonly RoundSubject[] =>
  variants.map(({ id, driver = 'libsql', stage }) => ({ id, driver, path: stage.path }))

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
  readonly first: string | undefined
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
  return withRoundCopies(work, drawn, round, async (opened) => {
    const variants = opened.map(({ variant }) => variant)
    const plan = planRound(round, variants, drawn, work.cutBy?.(medians) ?? medians, spending, work.seed)
    const before = machineState()
    const startMs = performance.now()
    const result = await work.runRound(plan, work.signal).catch(async (error: unknown) => {
      const paths = variants.flatMap((each) => ('server' in each ? [] : [each.readPath, each.writePath]))
      const place = `${work.scenario}, round ${round}`
      throw errorAt(place, await namingUnreadableText(place, readsOf(plan), error), paths)
    })
    refuseUnequalRows(result)
    const seconds = (performance.now() - startMs) / 1000
    const strain = machineStrain(before, machineState(), seconds)
    verifyRound(work, opened, drawn, result)
    return { result, first: opened[0]?.subject.id, seconds, strain }
  })
}

/** A subject in one round: where it is read, and where it is written to, if it is. */
interface OpenedSubject {
  readonly subject: RoundSubject
  readonly variant: RoundVariant
}

/**
 * The subjects that take part in a round, with fresh byte-identical copies of those that are files, made in the order of
 * the round, so that where a file happens to lie on the disk or in memory is a matter of that round's chance: two copies
 * of one database that are read all through a run differ by 2 to 5 % in full scans.
 */
async function withRoundCopies<T>(
  { subjects, seed }: RoundsWork,
  drawn: readonly DrawnOperation[],
  round: number,
  work: (opened: readonly OpenedSubject[]) => Promise<T>,
): Promise<T> {
  const takesPart = ({ id }: RoundSubject, operations: readonly DrawnOperation[]): boolean =>
    operations.some(({ sides }) => sides.some(({ variant }) => variant === id))
  const used = roundOrder(subjects, seed, round).filter((subject) => takesPart(subject, drawn))
  const writes = drawn.filter(({ operation }) => operation.kind === 'write')
  return withCopies(async (copy) => {
    const opened: OpenedSubject[] = []
    for (const subject of used) {
      if ('server' in subject) {
        opened.push({ subject, variant: subject })
        continue
      }
      const { id, driver, path } = subject
      const place = String(opened.length)
      const readPath = await copy(path, `${place}.db`)
      const writePath = takesPart(subject, writes) ? await copy(path, `${place}-written.db`) : null
      opened.push({ subject, variant: { id, driver, readPath, writePath } })
    }
    return work(opened)
  })
}

/** What each variant that is a file is asked in a round. */
const readsOf = ({ variants, operations }: RoundPlan): Parameters<typeof namingUnreadableText>[1] =>
  variants.flatMap((variant) => {
    if ('server' in variant) return []
    const reads = operations.flatMap(({ id, kind, sql, sides }) =>
      sides.flatMap((side) =>
        kind === 'read' && side.variant === variant.id
          ? [{ id, sql: side.ownSql ?? sql, args: side.args }]
          : [],
      ),
    )
    return [{ variant: variant.id, path: variant.readPath, reads }]
  })

/** Acknowledged is stored, in every round: its copies are gone afterwards. */
function verifyRound(
  { scenario, subjects }: RoundsWork,
  opened: readonly OpenedSubject[],
  drawn: readonly DrawnOperation[],
  result: RoundResult,
): void {
  for (const subject of subjects) {
    const variant = opened.find((each) => each.subject === subject)?.variant
    if (variant === undefined || 'server' in variant || 'server' in subject || variant.writePath === null)
      continue
    const { id, path } = subject
    refuseLostWrites({ scenario, variant: id }, path, variant.writePath, acknowledgedIn(result, drawn, id))
  }
}
