import { exitCode, type ExitCode } from '../core/errors.ts'
import { gateDocument, type GateHead } from '../report/gate-document.ts'
import { renderTerminal } from '../report/terminal.ts'
import type { GateVerdict, GateWord } from '../run/gate-verdict.ts'
import { outputWidth, print, wantsColor, writeJson } from './console.ts'
import type { GateOptions } from './gate-options.ts'

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
  /** The Run judged, as JSON, for `--json`. */
  readonly json: string
}

/** Prints a gate's result, writes the reports asked for, and sets the exit code. */
export async function showGate(
  { head, verdict, json }: GateResult,
  options: Pick<GateOptions, 'json' | 'report'>,
): Promise<void> {
  process.exitCode = exitCodes[verdict.word]
  if (options.json !== true) {
    const document = gateDocument(head, verdict)
    print(renderTerminal(document, { color: wantsColor(process.stdout), width: outputWidth() }))
  }
  await writeJson(options.json, json)
}
