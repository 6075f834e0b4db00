import { randomUUID } from 'node:crypto'
import { InterruptedError, UsageError } from '../../core/errors.ts'
import { planUp } from '../apply.ts'
import { refuseForServers } from '../apply-on-server.ts'
import type { MigrationStep } from '../migration-plan.ts'
import { readRecord } from '../migration-record.ts'
import type { Migration } from '../migration.ts'
import { branchProblems, deltaProblems, makeBranch, type Branch } from './branch.ts'
import {
  capturedTables,
  changedRows,
  hasCapture,
  isCapturedBy,
  startCapture,
  stopCapture,
  type CapturedTable,
} from './change-capture.ts'
import type { LiveDatabase } from './live-database.ts'
import { switchParts } from './switch-parts.ts'

/** What an online migration is doing. */
export type OnlineStep = 'capture' | 'branch' | 'validate' | 'catch up' | 'switch'

export interface OnlineOptions {
  /** An empty folder for the branch, with room for the database twice. */
  readonly folder: string
  /** Longest time, as measured on the branch, for which writers may wait at the switch. */
  readonly mostLockMs: number
  /** Ends after the validation. */
  readonly dryRun: boolean
  readonly signal?: Pick<AbortSignal, 'aborted'> | undefined
  readonly onStep?: (step: OnlineStep) => void | Promise<void>
  /** More to ask of the branch; problems, a phrase each. */
  readonly validate?: (branch: Branch) => Promise<readonly string[]>
}

/** What an online migration did; times in milliseconds. */
export interface OnlineResult {
  readonly id: string
  readonly outcome: 'switched' | 'rolled back' | 'validated' | 'applied before'
  /** Why it was rolled back. */
  readonly problems: readonly string[]
  readonly branch: { readonly bytes: number; readonly copyMs: number; readonly migrateMs: number } | null
  /** Rows that were compared before and after, on the branch. */
  readonly rowsCompared: number
  readonly validateMs: number
  /** Rows that were written meanwhile, and were tried as well. */
  readonly caughtUp: { readonly rows: number; readonly rounds: number }
  /** For how long nobody else could write; null where nothing was switched. */
  readonly switchMs: number | null
}

/** A look at what was written that finds no more than this is the last. */
const fewRows = 200
const mostRounds = 10

/**
 * Applies one migration while others read and write: tries it on a copy, compares all rows, tries it on the rows that were
 * written meanwhile, and then applies it to the database itself in one transaction, which every connection sees as it sees
 * any other. Until then nothing of the database changes but triggers that note what is written; any failure, and the next
 * call after a kill, removes them.
 * @throws UsageError for what cannot be migrated so, with the fix; TargetError; InterruptedError
 */
export async function migrateOnline(
  live: LiveDatabase,
  name: string,
  migrations: readonly Migration[],
  options: OnlineOptions,
): Promise<OnlineResult> {
  await cleanUp(live)
  const plan = await planUp(live.reader, migrations, [name])
  const [step] = plan.steps
  if (step === undefined) return { ...nothingDone(name), outcome: 'applied before' }
  if (live.kind === 'server') refuseForServers(plan)
  const tables = await capturedTables(live.reader)
  const run = randomUUID()
  await options.onStep?.('capture')
  try {
    await live.write(startCapture(tables, run), () => isCapturedBy(live.reader, run))
    const result = await prepareAndSwitch(live, step, { tables, run }, options)
    await cleanUpOwn(live, run)
    return result
  } catch (error) {
    // Where the database cannot be reached, the next call does it; the error to report is the first.
    await cleanUpOwn(live, run).catch(() => undefined)
    throw error
  }
}

const nothingDone = (id: string): Omit<OnlineResult, 'outcome'> => ({
  id,
  problems: [],
  branch: null,
  rowsCompared: 0,
  validateMs: 0,
  caughtUp: { rows: 0, rounds: 0 },
  switchMs: null,
})

/** Removes what an online migration has put into the database; nothing where there is nothing. */
async function cleanUp(live: LiveDatabase): Promise<void> {
  if (!(await hasCapture(live.reader))) return
  await live.write(await stopCapture(live.reader), async () => !(await hasCapture(live.reader)))
}

/** As `cleanUp`, unless another migration took over. */
async function cleanUpOwn(live: LiveDatabase, run: string): Promise<void> {
  if (await isCapturedBy(live.reader, run)) await cleanUp(live)
}

interface Capture {
  readonly tables: readonly CapturedTable[]
  readonly run: string
}

async function prepareAndSwitch(
  live: LiveDatabase,
  step: MigrationStep,
  capture: Capture,
  options: OnlineOptions,
): Promise<OnlineResult> {
  const begin = async (name: OnlineStep): Promise<number> => {
    if (options.signal?.aborted) throw new InterruptedError()
    await options.onStep?.(name)
    return performance.now()
  }
  const recorded = (await readRecord(live.reader)).map(({ id }) => id)
  const branchedMs = await begin('branch')
  const branch = await makeBranch(options.folder, step, recorded, live.copyTo)
  const copyMs = performance.now() - branchedMs - branch.migrateMs
  const validatedMs = await begin('validate')
  const found = await branchProblems(branch)
  const problems = [...found.problems, ...((await options.validate?.(branch)) ?? [])]
  const done = {
    ...nothingDone(step.migration.id),
    branch: { bytes: branch.bytes, copyMs, migrateMs: branch.migrateMs },
    rowsCompared: found.rows,
    validateMs: performance.now() - validatedMs,
  }
  if (problems.length > 0) return { ...done, outcome: 'rolled back', problems }
  await begin('catch up')
  const { problems: late, ...caughtUp } = await catchUp(live, step, capture, options)
  if (late.length > 0) return { ...done, caughtUp, outcome: 'rolled back', problems: late }
  if (options.dryRun) return { ...done, caughtUp, outcome: 'validated' }
  refuseLongLock(step, branch, options)
  await begin('switch')
  const parts = switchParts(step, recorded, capture)
  return { ...done, caughtUp, outcome: 'switched', switchMs: await live.switch(step, parts) }
}

function refuseLongLock(
  { migration }: MigrationStep,
  { migrateMs }: Branch,
  { mostLockMs }: OnlineOptions,
): void {
  if (migrateMs <= mostLockMs) return
  throw new UsageError(
    'ONLINE_LOCK',
    `${migration.id}: took ${(migrateMs / 1000).toFixed(1)} s on the branch, and for so long nobody could write; nothing was changed, allow it with --max-lock-seconds ${Math.ceil(migrateMs / 500)}`,
  )
}

async function catchUp(
  live: LiveDatabase,
  step: MigrationStep,
  { tables }: Capture,
  { folder, signal }: OnlineOptions,
): Promise<OnlineResult['caughtUp'] & { readonly problems: readonly string[] }> {
  let [rows, rounds, after] = [0, 0, 0]
  for (;;) {
    if (signal?.aborted) throw new InterruptedError()
    const changes = await changedRows(live.reader, tables, after)
    const changed = changes.tables.reduce((sum, { keys }) => sum + keys.length, 0)
    if (changed > 0) {
      const found = await deltaProblems(folder, step, live.reader, changes.tables)
      rows += found.rows
      rounds += 1
      if (found.problems.length > 0)
        return {
          rows,
          rounds,
          problems: found.problems.map((problem) => `rows written meanwhile: ${problem}`),
        }
    }
    if (changed <= fewRows || rounds === mostRounds) return { rows, rounds, problems: [] }
    after = changes.until
  }
}
