import { errorAt } from '../../core/error-text.ts'
import { runInChild } from '../../measure/child-process.ts'
import { machineState, hostContention, type HostContention } from '../../measure/machine-state.ts'
import type { RoundPlan, RoundResult, RoundServer, RoundVariant } from '../../measure/round-plan.ts'
import type { DriverName } from '../../target/drivers.ts'
import type { DrawnOperation } from '../draw/drawn-operation.ts'
import type { Emit } from './event.ts'
import type { Measurement } from './measurement.ts'
import { roundOrder, mediansOf, planRound, type Medians, type RoundSpending } from './plan-round.ts'
import { withCopies } from './database-copies.ts'
import { takeRounds, type Rounds } from './rounds.ts'
import { refuseUnequalRows } from './timings.ts'
import { namingUnreadableText } from './evidence/unreadable-text.ts'
import { acknowledgedIn, refuseLostWrites } from './verify-writes.ts'

/** Carries out one round in a fresh process. A test passes its own. */
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
  variants.map(({ id, driver, stage }) => ({ id, driver, path: stage.path }))

/** Rounds to carry out, and how. */
export interface RoundsWork extends Pick<
  Rounds<unknown, unknown>,
  'mostRounds' | 'fewestRounds' | 'maxSeconds' | 'signal'
> {
  readonly scenario: string
  readonly subjects: readonly RoundSubject[]
  /** Of the order in which databases are opened, blocks stand and variants take turns. */
  readonly seed: number
  /** Short rounds before the first that show how long calls take, then the rounds that count. */
  readonly pilots: readonly ((open: readonly DrawnOperation[], medians: Medians) => RoundSpending)[]
  readonly spend: (open: readonly DrawnOperation[], medians: Medians) => RoundSpending
  /** What slices are cut by, from the medians so far; as they are when absent. */
  readonly cutBy?: (medians: Medians) => Medians
  /** Takes in a round and says what is still to be measured: nothing ends the rounds. */
  readonly take: (result: TakenRound) => readonly DrawnOperation[]
  readonly emit: Emit
  readonly runRound: RunRound
}

/** A finished round and what the machine did meanwhile. */
export interface TakenRound {
  readonly result: RoundResult
  /** Id of the subject that was copied and opened first. */
  readonly first: string | undefined
  readonly seconds: number
  readonly contention: HostContention
}

/** What a round measures, and how long. */
interface RoundShare {
  readonly drawn: readonly DrawnOperation[]
  readonly medians: Medians
  readonly spending: RoundSpending
}

/**
 * Rounds of operations on databases, until `take` wants no more: see `takeRounds`.
 * @throws InvalidMeasurementError when variants differ in rows, or acknowledged writes are missing after a round
 */
export async function timeRounds(work: RoundsWork, drawn: readonly DrawnOperation[]): Promise<void> {
  const { scenario, mostRounds, pilots, spend, take } = work
  const progress = (done: number): void =>
    work.emit({ kind: 'progress', scenario, step: 'timing', done, total: mostRounds })
  progress(0)
  let medians: Medians = new Map()
  let open = drawn
  const shareOf = (spending: typeof spend): RoundShare => ({
    drawn: open,
    medians,
    spending: spending(open, medians),
  })
  await takeRounds<RoundShare, TakenRound>({
    ...work,
    pilots: pilots.map((pilot) => () => shareOf(pilot)),
    plan: () => (open.length === 0 ? undefined : shareOf(spend)),
    measure: (share, round) => oneRound(work, share, round),
    collect: (taken, round) => {
      const found = mediansOf(taken.result)
      // How long a slice is may follow from earlier rounds: it does not depend on which variant is the slower one.
      medians = round === 0 ? found : new Map([...medians, ...found])
      if (round > 0) open = take(taken)
    },
    progress,
  })
}

async function oneRound(
  work: RoundsWork,
  { drawn, medians, spending }: RoundShare,
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
    const contention = hostContention(before, machineState(), seconds)
    verifyRound(work, opened, drawn, result)
    return { result, first: opened[0]?.subject.id, seconds, contention }
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
