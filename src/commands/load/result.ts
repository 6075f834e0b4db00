import { dirname, join, relative } from 'node:path'
import { InterruptedError } from '../../core/errors.ts'
import type { ComparisonOutcome } from '../../engine/compare/compare-variants.ts'
import { judgeLoadGate } from '../../judge/gate/gate-load.ts'
import { comparisonExitCode, judgeComparison } from '../../judge/load/judge-comparison.ts'
import { judgeLoad, loadExitCode } from '../../judge/load/judge-load.ts'
import { formats, type Render } from '../../report/formats.ts'
import type { JudgedRun } from '../../run/judged-run.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { knowResponse, loadSamples } from '../../run/load/load-samples.ts'
import { writeReportFile } from '../../run/files/out-file.ts'
import { serializeRun } from '../../run/serialize.ts'
import { outputWidth, print, wantsColor, writeJson } from '../console.ts'
import { endWith, noteFailure } from '../outcome.ts'
import { saveRun } from '../save-run.ts'
import type { OutFlags } from './options.ts'

/** Writes a load to its folder, prints what it says, and sets the exit code. */
export async function showLoad(run: LoadRun, flags: OutFlags): Promise<void> {
  const verdict = judgeLoad(run)
  const log = knowResponse(loadSamples(run)) ? 'response.hlog' : 'service.hlog'
  await show({ kind: 'load', run, verdict, gate: judgeLoadGate(run, verdict) }, flags, {
    [log]: formats.hlog,
  })
  endWith(loadExitCode(verdict, run))
  if (run.status === 'partial') throw new InterruptedError()
}

/** As `showLoad`, for a comparison. @throws `failure`, when everything is saved */
export async function showComparison({ run, failure }: ComparisonOutcome, flags: OutFlags): Promise<void> {
  const verdict = judgeComparison(run)
  await show({ kind: 'load-comparison', run, verdict, gate: null }, flags, {})
  endWith(comparisonExitCode(verdict, run))
  if (failure !== undefined) throw failure
}

async function show(
  judged: JudgedRun,
  { out, json }: OutFlags,
  others: Readonly<Record<string, Render>>,
): Promise<void> {
  const options = { color: false }
  const path = await saveRun(out, judged.run)
  const shown = [path]
  const renderers: Readonly<Record<string, Render>> = { 'report.md': formats.markdown, ...others }
  for (const [name, render] of Object.entries(renderers)) {
    const file = join(dirname(path), name)
    await writeReportFile(file, render(judged, options)).then(() => shown.push(file), noteFailure)
  }
  if (json !== true) {
    print(formats.terminal(judged, { color: wantsColor(process.stdout), width: outputWidth() }))
  }
  process.stderr.write(`\nRun: ${shown.map((file) => relative('.', file)).join('\n     ')}\n`)
  // Last: where it cannot be written, the Run is saved and named all the same.
  await writeJson(json, serializeRun(judged.run))
}

/** Writes a text to a file, or to stdout where none is named. */
export async function printTo(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) print(text)
  else await writeReportFile(file, text)
}
