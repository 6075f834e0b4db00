import type { Command } from 'commander'
import { exitCode } from '../../core/errors.ts'
import { formatInteger } from '../../core/number-format.ts'
import { renderTerminal } from '../../report/render/terminal.ts'
import { assess, rowsReadToCount, type Assessment, type Counting } from '../../statistics/assess.ts'
import type { PlannerDatabase } from '../../statistics/planner-database.ts'
import { statisticsProblems } from '../../statistics/problems.ts'
import { outputWidth, print, wantsColor, wholeNumber, writeJson, type JsonOption } from '../console.ts'
import { endWith } from '../outcome.ts'
import { databaseCommand, withPlannerDatabase, type DatabaseFlags } from './options.ts'
import { statusDocument, statusJson } from './status-document.ts'

interface StatusFlags extends DatabaseFlags {
  readonly maxRowsRead: number
  readonly yes?: true
  readonly json?: JsonOption
}

const help = `
A file is counted whole. On a server pages are counted and 1,000 rows of each table sampled; what
that reads is said first, and not done above --max-rows-read unless --yes is given.
Exit codes: 0 nothing wrong, 1 a problem, 3 nothing wrong so far, but rows were not counted.

Examples:
  $ forgebench statistics status --db file:app.db
  $ forgebench statistics status --db libsql://app.turso.io --auth-token-env TURSO_TOKEN --yes`

/** `forgebench statistics status`. */
export const statusCommand = (): Command =>
  databaseCommand(
    'status',
    'what the planner knows, how stale it is, and where it misleads',
    'Compares what the planner believes of every table and index (sqlite_stat1) with what the database holds, and names indexes whose mean hides one large group, such as NULL. Exit 1 when something is wrong.',
  )
    .option(
      '--max-rows-read <n>',
      'rows that counting may read on a server',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      100_000,
    )
    .option('--yes', 'count on a server whatever it reads')
    .option('--json [file]', 'what was found as JSON, to a file or to stdout')
    .addHelpText('after', help)
    .action(async (flags: StatusFlags) => {
      await withPlannerDatabase(flags, 'read', (database) => status(database, flags))
    })

async function status(database: PlannerDatabase, flags: StatusFlags): Promise<void> {
  const counting = await countingOf(database, flags)
  const assessment = await assess(database, counting.kind)
  const about = {
    database: database.shown,
    sqlite: String((await database.query('SELECT sqlite_version()')).rows[0]?.[0]),
    server: (await database.serverVersion()) ?? null,
    rowsReadToCount: counting.rowsRead,
  }
  const problems = statisticsProblems(assessment)
  await writeJson(flags.json, JSON.stringify(statusJson(about, assessment, problems), null, 2))
  if (flags.json !== true) {
    const document = statusDocument(about, assessment, problems)
    print(renderTerminal(document, { color: wantsColor(process.stdout), width: outputWidth() }))
  }
  endWith(exitOf(assessment, problems.length))
}

const exitOf = ({ counting }: Assessment, problems: number): 0 | 1 | 3 => {
  if (problems > 0) return exitCode.fail
  return counting === 'none' ? exitCode.inconclusive : exitCode.pass
}

/** How entries may be counted, and what that reads on a server; null for a file. */
async function countingOf(
  database: PlannerDatabase,
  { maxRowsRead, yes }: StatusFlags,
): Promise<{ readonly kind: Counting; readonly rowsRead: number | null }> {
  if (database.location.kind !== 'remote') return { kind: 'exact', rowsRead: null }
  const rowsRead = await rowsReadToCount(database)
  const cost = `counting reads about ${formatInteger(rowsRead)} rows of the server, which may bill them`
  if (yes === true || rowsRead <= maxRowsRead) {
    process.stderr.write(`${cost}\n`)
    return { kind: 'sampled', rowsRead }
  }
  process.stderr.write(`not counted: ${cost}; add --yes, or --max-rows-read ${rowsRead}\n`)
  return { kind: 'none', rowsRead }
}
