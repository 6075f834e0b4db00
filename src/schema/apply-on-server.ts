import { UsageError } from '../core/errors.ts'
import type { RemoteConnection } from '../target/remote/remote.ts'
import { defaultPatience, sendOnce, type Patience } from '../target/remote/send-once.ts'
import type { MigrationPlan, MigrationStep } from './migration-plan.ts'
import { readRecord } from './migration-record.ts'
import { oneLine } from './migration-script.ts'
import { leadingWords } from './sql/statements.ts'
import { stepFailure, stepParts, type StepPart } from './step-parts.ts'

/** A step goes to a server in one request. */
const mostUnits = 16_000_000

/**
 * Refuses what a libSQL server does not take, before anything is run. (Others, such as PRAGMA and VACUUM, are no part of
 * any migration.)
 * @throws UsageError MIGRATION_UNSUPPORTED with every such statement, or MIGRATION_TOO_LARGE
 */
export function refuseForServers({ steps }: MigrationPlan): void {
  const mistakes: string[] = []
  for (const { direction, migration } of steps) {
    let units = 0
    for (const { text, line } of migration[direction].statements) {
      units += text.length
      const [first, second] = leadingWords(text, 2)
      const isTemporary = first === 'CREATE' && (second === 'TEMP' || second === 'TEMPORARY')
      if (first !== 'ANALYZE' && !isTemporary) continue
      const why =
        first === 'ANALYZE'
          ? 'libSQL servers refuse ANALYZE; take it out'
          : 'on a server nothing temporary lasts; make a table and drop it in the same script'
      mistakes.push(`migrations/${migration.id}/${direction}.sql:${line}: ${oneLine(text)}: ${why}`)
    }
    if (units > mostUnits) {
      throw new UsageError(
        'MIGRATION_TOO_LARGE',
        `migrations/${migration.id}/${direction}.sql has ${Math.round(units / 1e6)} MB, and a server takes ${mostUnits / 1e6} MB in one transaction; divide the migration`,
      )
    }
  }
  if (mistakes.length > 0) throw new UsageError('MIGRATION_UNSUPPORTED', mistakes.join('\n  '))
}

export interface ServerApplyOptions {
  readonly patience?: Patience
  /** Called after each step is committed. */
  readonly onStep?: (step: MigrationStep) => void
}

/**
 * Runs a plan on a server, each step in one request that is one transaction with foreign keys off: a step that fails
 * leaves nothing behind, those before it stay. A step whose answer was lost is repeated only when the record says that it
 * is not there, and only when the record is still the one that the plan was made from.
 * @throws UsageError MIGRATION_FAILED with the statement; TargetError when the server fails for longer than patience
 */
export async function applyOnServer(
  remote: RemoteConnection,
  plan: MigrationPlan,
  options: ServerApplyOptions = {},
): Promise<void> {
  refuseForServers(plan)
  for (const step of plan.steps) {
    await applyStep(remote, step, options.patience ?? defaultPatience)
    options.onStep?.(step)
  }
}

async function applyStep(remote: RemoteConnection, step: MigrationStep, patience: Patience): Promise<void> {
  const { direction, migration } = step
  const recorded = (await readRecord(remote)).map(({ id }) => id)
  const parts = [...stepParts(step, recorded)]
  const hasLanded = async (): Promise<boolean> =>
    (await readRecord(remote)).some(({ id }) => id === migration.id) === (direction === 'up')
  await sendOnce({ send: () => sendParts(remote, step, parts), hasLanded }, patience)
}

/** Sends the transaction of a step in one request. @throws the errors of `stepFailure` */
export async function sendParts(
  remote: RemoteConnection,
  step: MigrationStep,
  parts: readonly StepPart[],
): Promise<void> {
  await remote.migrate(parts).catch((error: unknown) => {
    const { statementIndex } = Object((error as Error).cause) as { statementIndex?: unknown }
    throw stepFailure(step, typeof statementIndex === 'number' ? parts[statementIndex] : undefined, error)
  })
}
