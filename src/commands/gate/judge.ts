import { Command } from 'commander'
import { readConfig } from '../../config/read.ts'
import { UsageError } from '../../core/errors.ts'
import { setDifferences } from '../../judge/gate/comparable.ts'
import { timeNotJudged } from '../../judge/gate/counters.ts'
import { withThresholds } from '../../judge/gate/gate-load.ts'
import { joinVerdicts } from '../../judge/gate/gate-status.ts'
import { judgeRun } from '../../judge/judge-run.ts'
import { countersHead } from '../../report/gate/counters-head.ts'
import { gateReportOf } from '../../report/ci/gate-report.ts'
import { isLoadRun, type AnyRun } from '../../run/any-run.ts'
import { readRun } from '../../run/read.ts'
import type { Run } from '../../run/run.ts'
import { readBaseline } from './baseline.ts'
import { counterVerdict, forceOption, refuseDifferences, withMonthlyBudgets } from './counter-verdict.ts'
import { storedRunOption, verdictOptions, type VerdictFlags } from './options.ts'
import { refuseClosedOutputs, showGates, type GateResult } from './result.ts'

/** A Run with the name that messages know it by. */
interface NamedRun {
  readonly path: string
  readonly run: AnyRun
}

interface JudgeFlags extends VerdictFlags {
  readonly baseline?: string
  readonly force?: true
}

/** `forgebench gate judge`: a verdict on what was measured before. */
export const judgeCommand = (): Command =>
  verdictOptions(
    new Command('judge')
      .summary('judge stored Runs again, offline')
      .description(
        'Gives the verdict of Runs that were measured before, offline: of a gate, of a load by its thresholds, of scenarios by their budgets or, with --baseline, by their counters.',
      )
      .argument('<run.json...>', 'stored Runs; several are judged together, and the worst decides')
      .addOption(storedRunOption('a stored Run to compare the counters with'))
      .addOption(forceOption()),
  )
    .addHelpText('after', '\nExample:\n  $ forgebench gate judge run.json --report junit=gate.xml')
    .action(judge)

/**
 * Judges Runs that were measured before, offline: a relative gate by its pairs, a load by its thresholds, a Run of
 * scenarios by its budgets and, with `--baseline`, its counters. The verdict is the one that it was measured with.
 * @throws UsageError for a Run that cannot be read, has nothing to judge, or is not like the others
 */
async function judge(paths: readonly string[], flags: JudgeFlags): Promise<void> {
  await refuseClosedOutputs(flags)
  const { baseline: storedPath, force } = flags
  const stored = storedPath === undefined ? undefined : await readBaseline(storedPath)
  const runs: NamedRun[] = []
  const thresholds = await configThresholds()
  for (const path of paths) {
    const run = await readRun(path)
    runs.push({ path, run: isLoadRun(run) ? withThresholds(run, thresholds) : run })
  }
  const forced = refuseDifferences(setDifferences(runs.map(({ run }) => run)), paths.join(' and '), force)
  const results = runs.map((each) =>
    stored === undefined
      ? judgedAlone(each)
      : judgedAgainst(each, { run: stored, path: storedPath ?? '' }, force),
  )
  await showGates(withNotes(results, [...forced, ...familyNotes(runs)]), flags)
}

/** Thresholds that the configuration here has for every load. */
const configThresholds = async () => (await readConfig(process.cwd())).gate?.thresholds ?? {}

function judgedAlone({ path, run }: NamedRun): GateResult {
  const report = gateReportOf(judgeRun(run))
  if (report !== undefined) return { head: report.head, verdict: report.verdict, run }
  throw new UsageError(
    'GATE_NOTHING_TO_JUDGE',
    `${path}: nothing in this Run asks for a verdict; ${'kind' in run ? 'judge the Run of a gate or of a load with thresholds' : 'give its scenario budgets, or name a stored Run to compare its counters with, such as --baseline reports/baseline.json'}`,
  )
}

function judgedAgainst(
  { path, run }: NamedRun,
  stored: { readonly run: Run; readonly path: string },
  force: true | undefined,
): GateResult {
  if ('kind' in run) {
    throw new UsageError(
      'RUN_OF_ANOTHER_KIND',
      `${path}: a Run of the kind ${run.kind} is judged by what it holds; leave out --baseline`,
    )
  }
  const counters = counterVerdict(stored.run, run, {
    storedName: stored.path,
    runName: path,
    ...(force === undefined ? {} : { force }),
  })
  const head = countersHead(run, stored.run, stored.path)
  // A Run of counters alone was judged by them alone.
  if (run.settings.analyses.length === 0) return { head, verdict: withMonthlyBudgets(counters, run), run }
  const { gate: budgets } = judgeRun(run)
  const verdict = joinVerdicts(budgets === null ? [counters] : [counters, budgets])
  return { head, verdict: { ...verdict, notes: [...verdict.notes, timeNotJudged] }, run }
}

/** The error rate that a relative gate promises is that of one gate. */
function familyNotes(runs: readonly NamedRun[]): readonly string[] {
  const gates = runs.filter(({ run }) => 'kind' in run && run.kind === 'gate').length
  return gates < 2 ? [] : [`${gates} gates of at most 1 % false alarms each: together at most ${gates} %`]
}

/** Notes about all of them stand with the first. */
function withNotes(
  [first, ...others]: readonly GateResult[],
  notes: readonly string[],
): readonly GateResult[] {
  if (first === undefined || notes.length === 0) return first === undefined ? [] : [first, ...others]
  const { verdict } = first
  return [{ ...first, verdict: { ...verdict, notes: [...verdict.notes, ...notes] } }, ...others]
}
