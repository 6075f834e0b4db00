import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Command, Option } from 'commander'
import { UsageError } from '../core/errors.ts'
import { judgeRun } from '../judge/judge-run.ts'
import { formatNames, formats, type FormatName } from '../report/formats.ts'
import { readRun } from '../run/read.ts'
import { serializeRun } from '../run/serialize.ts'
import { outputWidth, print, wantsColor, writeJson, type JsonOption } from './console.ts'

interface ReportOptions {
  readonly format: FormatName
  readonly out?: string
  readonly json?: JsonOption
}

/** `forgebench report`: shows a Run again, from its file alone. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('show a run again, as a table or as Markdown')
    .description(
      'Reads a run.json, judges its claims or thresholds anew from the raw slices, and renders it. Works offline.',
    )
    .argument('<run.json>', 'the file that «forgebench run» or «forgebench load» wrote')
    .addOption(new Option('--format <name>', 'form of the report').choices(formatNames).default('terminal'))
    .option('--out <file>', 'write to a file in place of stdout')
    .option('--json [file]', 'also write the checked Run to a file, or to stdout in place of the report')
    .addHelpText(
      'after',
      '\nExample:\n  forgebench report reports/20261124T004831Z-1f2e3d/run.json --format markdown --out report.md',
    )
    .action(report)
}

async function report(path: string, options: ReportOptions): Promise<void> {
  const run = await readRun(path)
  const toFile = options.out !== undefined
  const text = formats[options.format](judgeRun(run), {
    color: !toFile && wantsColor(process.stdout),
    width: toFile ? 120 : outputWidth(),
  })
  if (options.out !== undefined) await writeReport(options.out, text)
  else if (options.json !== true) print(text)
  await writeJson(options.json, serializeRun(run))
}

async function writeReport(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      'REPORT_UNWRITABLE',
      `${path}: cannot write the report (${cause}); name a file in a folder that you may write to`,
      { cause: error },
    )
  }
}
