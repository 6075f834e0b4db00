import { relative } from 'node:path'
import { exitCode, type ExitCode } from '../../core/errors.ts'
import { joinVerdicts } from '../../judge/gate/gate-status.ts'
import { gateDocument, type GateHead } from '../../report/gate/gate-document.ts'
import { joinHeads, type GateReport } from '../../report/ci/gate-report.ts'
import { gateFormats } from '../../report/formats.ts'
import { renderTerminal } from '../../report/render/terminal.ts'
import type { AnyRun } from '../../run/any-run.ts'
import type { GateVerdict, GateStatus } from '../../run/gate/gate-verdict.ts'
import { refuseClosedFile, writeReportFile } from '../../run/files/out-file.ts'
import { refuseClosedFolder } from '../../run/files/out-folder.ts'
import { scenarioFiles } from '../../run/scenario-files.ts'
import { serializeRun } from '../../run/serialize.ts'
import { outputWidth, print, wantsColor, writeJson } from '../console.ts'
import { endWith } from '../outcome.ts'
import { saveRun } from '../save-run.ts'
import { showOnGithub } from './github.ts'
import type { ReportOrder, VerdictFlags } from './options.ts'

const exitCodes: Readonly<Record<GateStatus, ExitCode>> = {
  pass: exitCode.pass,
  improved: exitCode.pass,
  fail: exitCode.fail,
  inconclusive: exitCode.inconclusive,
  invalid: exitCode.invalid,
}

/** What a gate ends with, whatever it judged: the Run is saved by then. */
export interface GateResult {
  readonly head: GateHead
  readonly verdict: GateVerdict
  /** The Run judged: what `--json` and the reports are made of. */
  readonly run: AnyRun
  /** Paths of the scenarios' files by id, where the caller knows them; annotations point there. */
  readonly files?: Readonly<Record<string, string>>
}

/**
 * Refuses what could not be written at the end, before anything is measured.
 * @throws UsageError REPORT_UNWRITABLE, or for the folder of the Run
 */
export async function refuseClosedOutputs(flags: {
  readonly report: readonly ReportOrder[]
  readonly out?: string
}): Promise<void> {
  for (const { file } of flags.report) await refuseClosedFile(file)
  if (flags.out !== undefined) await refuseClosedFolder(flags.out)
}

/** Saves what was measured, and says on stderr where. */
export async function saveGate(run: AnyRun, { out }: { readonly out: string }): Promise<void> {
  process.stderr.write(`Run: ${relative('.', await saveRun(out, run))}\n`)
}

/** Prints a gate's result, writes the reports asked for, and sets the exit code. */
export const showGate = (result: GateResult, flags: VerdictFlags): Promise<void> => showGates([result], flags)

/** As `showGate`, for several Runs: the worst decides, and each report holds them all. */
export async function showGates(
  results: readonly GateResult[],
  { json, report }: VerdictFlags,
): Promise<void> {
  const whole = await wholeOf(results)
  endWith(exitCodes[whole.verdict.status])
  if (json !== true) {
    for (const { head, verdict } of results) {
      const document = gateDocument(head, verdict)
      print(renderTerminal(document, { color: wantsColor(process.stdout), width: outputWidth() }))
    }
  }
  await showOnGithub(whole, { toStdout: json !== true })
  // Files last: where one cannot be written, everything else is there.
  await writeReports(report, whole)
  await writeJson(json, results.map(({ run }) => serializeRun(run)).join(''))
}

async function wholeOf(results: readonly GateResult[]): Promise<GateReport> {
  const verdict = joinVerdicts(results.map((result) => result.verdict))
  const known: Readonly<Record<string, string>> = Object.assign({}, ...results.map(({ files }) => files))
  return {
    head: joinHeads(results.map(({ head }) => head)),
    verdict,
    runs: results.map(({ run }) => run),
    files: await scenarioFiles(
      verdict.findings.map(({ scenario }) => scenario),
      known,
    ),
  }
}

/** Writes every report that can be written. @throws UsageError REPORT_UNWRITABLE, for the first that cannot */
async function writeReports(orders: readonly ReportOrder[], report: GateReport): Promise<void> {
  const written = await Promise.allSettled(
    orders.map(({ format, file }) => writeReportFile(file, gateFormats[format](report))),
  )
  for (const each of written) if (each.status === 'rejected') throw each.reason
}
