import { Command, Option } from 'commander'
import { judgeRun } from '../judge/judge-run.ts'
import { formatNames, formats, type FormatName } from '../report/formats.ts'
import { writeReportFile } from '../run/files/out-file.ts'
import { readRun } from '../run/read.ts'
import { scenarioFiles } from '../run/scenario-files.ts'
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
      'Reads a run.json, judges its claims, thresholds or gate anew from the raw slices, and renders it. Works offline.',
    )
    .argument('<run.json>', 'the file that «forgebench run», «load» or «gate» wrote')
    .addOption(new Option('--format <name>', 'form of the report').choices(formatNames).default('terminal'))
    .option('--out <file>', 'write to a file in place of stdout')
    .option('--json [file]', 'also write the checked Run to a file, or to stdout in place of the report')
    .addHelpText(
      'after',
      '\nExamples:\n  forgebench report reports/20261124T004831Z-1f2e3d/run.json --format markdown --out report.md\n  forgebench report reports/20261124T234512Z-9c0d1e/run.json --format junit --out gate.xml',
    )
    .action(report)
}

async function report(path: string, options: ReportOptions): Promise<void> {
  const run = await readRun(path)
  const toFile = options.out !== undefined
  const judged = judgeRun(run)
  const text = formats[options.format](judged, {
    files: await scenarioFiles((judged.gate?.findings ?? []).map(({ scenario }) => scenario)),
    color: !toFile && wantsColor(process.stdout),
    width: toFile ? 120 : outputWidth(),
  })
  if (options.out !== undefined) await writeReportFile(options.out, text)
  else if (options.json !== true) print(text)
  await writeJson(options.json, serializeRun(run))
}
