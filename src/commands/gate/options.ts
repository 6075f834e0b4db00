import { InvalidArgumentError, Option, type Command } from 'commander'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../../core/errors.ts'
import { defaultOperationMs } from '../../engine/gate/gate-sampling.ts'
import { gateFormatNames, type GateFormatName } from '../../report/formats.ts'
import { dataOptions, wholeNumber, type DataOptions, type JsonOption } from '../console.ts'

/** A report beside the terminal's: `--report junit=gate.xml`. */
export interface ReportOrder {
  readonly format: GateFormatName
  readonly file: string
}

/** Where a verdict goes besides the terminal. */
export interface VerdictFlags {
  readonly report: readonly ReportOrder[]
  readonly json?: JsonOption
}

/** Flags of a gate that measures time. */
export interface TimedFlags extends DataOptions, VerdictFlags {
  readonly operations?: string
  readonly operationMs: number
  readonly maxSeconds: number
  readonly out: string
}

/** Adds what every gate that gives a verdict has. */
export const verdictOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--report <format=file>',
        `also write a report for CI, such as junit=gate.xml; repeatable (${gateFormatNames.join(', ')})`,
      )
        .argParser(addReportOrder)
        .default([], 'none'),
    )
    .option('--json [file]', 'also write the Run to a file, or to stdout in place of the table')

/** Adds where a gate that measures saves its Run. */
export const outOption = (command: Command): Command =>
  command.option('--out <folder>', 'where the Run goes', 'reports')

/** Adds what every gate that measures time has. */
export const timedOptions = (command: Command): Command =>
  verdictOptions(
    outOption(
      dataOptions(
        command
          .option('--operations <ids>', 'judge only these, separated by commas')
          .option(
            '--operation-ms <ms>',
            'time of each operation in a round, on both sides or on two variants',
            wholeNumber(1, 60_000),
            defaultOperationMs,
          )
          .option('--max-seconds <n>', 'begin no round after this time', wholeNumber(1, 86_400), 600),
      ),
    ),
  )

/** `--baseline <run.json>`: a stored Run. */
export const storedRunOption = (description: string): Option =>
  new Option('--baseline <run.json>', description).argParser((path: string) => {
    if (path.endsWith('.json')) return path
    throw new InvalidArgumentError(
      'it must be a stored Run, a file that ends in .json; sides such as variant:… are for forgebench gate compare',
    )
  })

/**
 * Reads one `--report <format>=<file>` and adds it to those before it.
 * @throws UsageError REPORT_ARGUMENT, FORMAT_UNKNOWN or REPORT_TWICE
 */
function addReportOrder(text: string, before: readonly ReportOrder[]): readonly ReportOrder[] {
  const [, format, file] = /^([^=]*)=(.+)$/s.exec(text) ?? []
  if (format === undefined || file === undefined) {
    throw new UsageError(
      'REPORT_ARGUMENT',
      `--report ${text}: needs a format and a file, such as --report junit=gate.xml`,
    )
  }
  const known = gateFormatNames.find((name) => name === format)
  if (known === undefined) {
    throw new UsageError(
      'FORMAT_UNKNOWN',
      `--report ${text}: no format ${format}; did you mean ${closest(format, [...gateFormatNames])}? (there are ${gateFormatNames.join(', ')})`,
    )
  }
  if (before.some((order) => order.file === file)) {
    throw new UsageError('REPORT_TWICE', `--report ${text}: ${file} is written already; name another file`)
  }
  return [...before, { format: known, file }]
}
