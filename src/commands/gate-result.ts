import { exitCode, type ExitCode } from '../core/errors.ts'
import { joinVerdicts } from '../judge/gate/gate-word.ts'
import { gateDocument, type GateHead } from '../report/gate/gate-document.ts'
import { joinHeads, type GateReport } from '../report/ci/gate-report.ts'
import { renderTerminal } from '../report/render/terminal.ts'
import type { AnyRun } from '../run/any-run.ts'
import type { GateVerdict, GateWord } from '../run/gate-verdict.ts'
import { scenarioFiles } from '../run/scenario-files.ts'
import { serializeRun } from '../run/serialize.ts'
import { outputWidth, print, wantsColor, writeJson } from './console.ts'
import { showOnGithub } from './gate-github.ts'
import type { GateOptions } from './gate-options.ts'
import { writeReports } from './gate-reports.ts'
import { endWith } from './outcome.ts'

const exitCodes: Readonly<Record<GateWord, ExitCode>> = {
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

type Outputs = Pick<GateOptions, 'json' | 'report'>

/** Prints a gate's result, writes the reports asked for, and sets the exit code. */
export const showGate = (result: GateResult, outputs: Outputs): Promise<void> => showGates([result], outputs)

/** As `showGate`, for several Runs: the worst decides, and each report holds them all. */
export async function showGates(results: readonly GateResult[], { json, report }: Outputs): Promise<void> {
  const whole = await wholeOf(results)
  endWith(exitCodes[whole.verdict.word])
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
