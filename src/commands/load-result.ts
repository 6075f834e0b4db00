import { writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { InterruptedError } from '../core/errors.ts'
import { judgeLoad, loadExitCode } from '../judge/load.ts'
import { formats } from '../report/formats.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import type { LoadRun } from '../run/load-run.ts'
import { knowResponse, loadSamples } from '../run/load-samples.ts'
import { serializeRun, writeRun } from '../run/write.ts'
import { asFileError } from '../target/file-error.ts'
import { outputWidth, print, wantsColor, writeJson, type JsonOption } from './console.ts'

/**
 * Writes a load to its folder, prints what it says, and sets the exit code.
 * @throws InterruptedError for a partial run, when everything is saved
 */
export async function showLoad(run: LoadRun, out: string, json: JsonOption): Promise<void> {
  const verdict = judgeLoad(run)
  const judged: JudgedRun = { kind: 'load', run, verdict }
  const path = await writeRun(out, run)
  const beside = (name: string): string => join(dirname(path), name)
  const files = [
    [beside('report.md'), formats.markdown(judged)],
    [beside(knowResponse(loadSamples(run)) ? 'response.hlog' : 'service.hlog'), formats.hlog(judged)],
  ] as const
  for (const [file, text] of files) await writeText(file, text)
  if (json !== true) {
    print(formats.terminal(judged, { color: wantsColor(process.stdout), width: outputWidth() }))
  }
  const shown = [path, ...files.map(([file]) => file)].map((file) => relative('.', file))
  process.stderr.write(`\nRun: ${shown.join('\n     ')}\n`)
  // Last: where it cannot be written, the Run is saved and named all the same.
  await writeJson(json, serializeRun(run))
  process.exitCode = loadExitCode(verdict, run)
  if (run.status === 'partial') throw new InterruptedError()
}

/** Writes a text to a file, or to stdout where none is named. */
export async function printTo(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) print(text)
  else await writeText(file, text)
}

async function writeText(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw asFileError(error, file)
  })
}
