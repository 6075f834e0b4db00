import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { InterruptedError, UsageError, exitCode } from '../../core/errors.ts'
import { plural } from '../../core/number-format.ts'
import { outsideLine } from '../../core/outside-text.ts'
import { isWorse } from '../../engine/statistics/foretell.ts'
import {
  proposePush,
  type PushProposal,
  type RowSource,
  type WorkloadSource,
} from '../../engine/statistics/propose-push.ts'
import { otherPlans } from '../../engine/statistics/verify-push.ts'
import { renderTerminal } from '../../report/render/terminal.ts'
import { refuseClosedFile, writeReportFile } from '../../run/files/out-file.ts'
import { withScratchFolder } from '../../stage/scratch-folder.ts'
import type { PlannerDatabase } from '../../statistics/planner-database.ts'
import { replaceStatistics } from '../../statistics/replace-statistics.ts'
import { statisticsFileText, type StatisticsFile } from '../../statistics/statistics-file.ts'
import { outputWidth, print, wantsColor, wholeNumber, writeJson, type JsonOption } from '../console.ts'
import { interruptSignal } from '../interruption.ts'
import { endWith } from '../outcome.ts'
import { loadScenario } from '../project.ts'
import { databaseCommand, withPlannerDatabase, type DatabaseFlags } from './options.ts'
import { pushDocument, pushJson } from './push-document.ts'
import { readFileOfStatistics } from './read-file.ts'
import { undo } from './undo.ts'

interface PushFlags extends DatabaseFlags {
  readonly analyze?: true
  readonly from?: string
  readonly repair?: true
  readonly scenario?: string
  readonly sql?: string
  readonly seed: number
  readonly dryRun?: true
  readonly acceptWorse?: true
  readonly undo?: string
  readonly out: string
  readonly json?: JsonOption
}

const help = `
New rows come from ANALYZE of a local copy (--analyze), from a file, or from the target (--repair).
A server is copied through an embedded replica, for which it reads no row. Plans and steps are
measured on copies; a push that makes a statement worse is not done. What is replaced is kept for
--undo. A server without sqlite_stat1 gets it once, from a file that was analyzed:
forgebench server start --db file:app.db, or turso db create --from-file app.db.
Exit codes: 0 pushed and verified, 1 not pushed, or plans of the target are not as foretold.

Examples:
  $ forgebench statistics push --db http://127.0.0.1:8080 --analyze --repair --sql queries.sql
  $ forgebench statistics push --db http://127.0.0.1:8080 --undo reports/undo.json`

/** `forgebench statistics push`. */
export const pushCommand = (): Command =>
  databaseCommand(
    'push',
    'give a database new statistics, and see first what they change',
    'Replaces the rows of sqlite_stat1 in one transaction, after showing which plans of a workload change and what that does, and verifies rows and plans over a new connection.',
  )
    .option('--analyze', 'new rows by ANALYZE of a local copy of the target, or of the file of --from')
    .option('--from <source>', 'new rows from file:copy.db, or from a file of forgebench statistics pull')
    .option('--repair', 'put the largest group in place of means that mislead')
    .option('--scenario <id>', 'the workload: operations of a scenario, arguments drawn from the copy')
    .addOption(
      new Option('--sql <file>', 'the workload: statements of a SQL file, values in place').conflicts(
        'scenario',
      ),
    )
    .option('--seed <n>', 'which arguments are drawn', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--dry-run', 'show what would change, and push nothing')
    .option('--accept-worse', 'push also where a statement takes more steps than before')
    .addOption(
      new Option('--undo <file>', 'put back what a push replaced').conflicts([
        'analyze',
        'from',
        'repair',
        'scenario',
        'sql',
        'acceptWorse',
      ]),
    )
    .option('--out <folder>', 'where the file for --undo goes', 'reports')
    .option('--json [file]', 'what was done as JSON, to a file or to stdout')
    .addHelpText('after', help)
    .action(async (flags: PushFlags) => {
      await (flags.undo === undefined ? push(flags) : undo({ ...flags, undo: flags.undo }))
    })

async function push(flags: PushFlags): Promise<void> {
  const signal = interruptSignal()
  const source = await sourceOf(flags)
  const workload = await workloadOf(flags)
  const undoPath = join(
    flags.out,
    `statistics-undo-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`,
  )
  if (flags.dryRun !== true) await refuseClosedFile(undoPath)
  await withPlannerDatabase(flags, flags.dryRun === true ? 'read' : 'write', async (target, authToken) => {
    const proposal = await withScratchFolder(async (scratch) =>
      proposePush(
        {
          target,
          authToken,
          source,
          repair: flags.repair === true,
          workload,
          signal,
          onStep: (step) => void process.stderr.write(`${outsideLine(step)}\n`),
        },
        await scratch(),
      ),
    )
    for (const { id, foretold, found } of await otherPlans(target, proposal.foretold, 'before')) {
      const line = `warning: ${id}: the database plans otherwise than its copy today (${found}, not ${foretold})`
      process.stderr.write(`${outsideLine(line)}\n`)
    }
    const isJson = flags.json === true
    if (!isJson) print(shown(proposal))
    if (signal.aborted) throw new InterruptedError()
    const outcome = await carryOut(target, proposal, flags, undoPath)
    if (!isJson) print(outsideLine(outcome.message))
    await writeJson(flags.json, JSON.stringify(pushJson(target.shown, proposal, outcome), null, 2))
    if (outcome.failed) endWith(exitCode.fail)
  })
}

const shown = (proposal: PushProposal): string =>
  renderTerminal(pushDocument(proposal), { color: wantsColor(process.stdout), width: outputWidth() })

/** What became of a proposal. */
export interface PushOutcome {
  readonly pushed: boolean
  /** Path of the file for `--undo`; null where nothing was replaced. */
  readonly undo: string | null
  readonly failed: boolean
  readonly message: string
}

async function carryOut(
  target: PlannerDatabase,
  proposal: PushProposal,
  { dryRun, acceptWorse }: PushFlags,
  undoPath: string,
): Promise<PushOutcome> {
  const { before, after, changes, foretold } = proposal
  const left = { pushed: false, undo: null, failed: false }
  if (changes.length === 0) return { ...left, message: 'nothing to push: the rows are the same' }
  const worse = foretold.filter(isWorse).map(({ statement: { id } }) => id)
  if (worse.length > 0 && acceptWorse !== true) {
    const message = `not pushed: ${worse.join(', ')} would take more steps than now; try --repair, or add --accept-worse`
    return { ...left, failed: true, message }
  }
  if (dryRun === true) return { ...left, message: 'dry run: nothing was pushed' }
  await writeReportFile(undoPath, statisticsFileText(await undoFile(target, proposal)))
  await replaceStatistics(target, before, after)
  const done = { pushed: true, undo: undoPath }
  const others = await otherPlans(target, foretold, 'after')
  const hint = `undo it with: forgebench statistics push --db … --undo ${undoPath}`
  if (others.length > 0) {
    const [first] = others
    const message = `pushed, but ${plural(others.length, 'plan')} of the database are not as foretold, first ${first?.id}: ${first?.found} in place of ${first?.foretold}; ${hint}`
    return { ...done, failed: true, message }
  }
  const plans = foretold.length === 0 ? '' : `, and ${plural(foretold.length, 'plan')} as foretold`
  const message = `pushed ${plural(changes.length, 'changed row')}; read back over a new connection: the rows are there${plans}; connections that are open keep their plans. ${hint}`
  return { ...done, failed: false, message }
}

async function undoFile(target: PlannerDatabase, { before, after }: PushProposal): Promise<StatisticsFile> {
  return {
    format: 'forgebench-statistics',
    version: 1,
    source: target.shown,
    takenAt: new Date().toISOString(),
    sqlite: String((await target.query('SELECT sqlite_version()')).rows[0]?.[0]),
    server: (await target.serverVersion()) ?? null,
    rows: [...(before ?? [])],
    replacedBy: [...after],
    hadTable: before !== undefined,
  }
}

/** @throws UsageError where the flags name no source, or one that does not fit */
async function sourceOf({ analyze, from, repair }: PushFlags): Promise<RowSource> {
  if (from === undefined) {
    if (analyze === true) return { kind: 'analyze', file: undefined }
    if (repair === true) return { kind: 'current' }
    throw new UsageError(
      'STATISTICS_SOURCE',
      'push needs new rows: --analyze (a local copy), --from file:copy.db, --from stats.json, or --repair of those there are',
    )
  }
  if (!from.endsWith('.json')) return { kind: analyze === true ? 'analyze' : 'database', file: from }
  if (analyze === true) {
    throw new UsageError(
      'STATISTICS_SOURCE',
      `--analyze needs a database, and ${from} holds statistics alone; leave one out`,
    )
  }
  const { rows } = await readFileOfStatistics(from)
  return { kind: 'rows', rows }
}

async function workloadOf({ scenario, sql, seed }: PushFlags): Promise<WorkloadSource> {
  if (scenario !== undefined) return { kind: 'scenario', loaded: await loadScenario(scenario), seed }
  return sql === undefined ? { kind: 'none' } : { kind: 'sql', path: sql }
}
