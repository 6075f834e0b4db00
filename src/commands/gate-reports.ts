import { Option } from 'commander'
import { closest } from 'fastest-levenshtein'
import { UsageError } from '../core/errors.ts'
import { gateFormatNames, gateFormats } from '../report/formats.ts'
import type { GateReport } from '../report/ci/gate-report.ts'
import { refuseClosedFile, writeReportFile } from '../run/out-file.ts'
import type { ReportOrder } from './gate-options.ts'

/** `--report <format>=<file>`, which may be given several times. */
export const reportOption = (): Option =>
  new Option(
    '--report <format=file>',
    `also write a report for CI, such as junit=gate.xml; repeatable (${gateFormatNames.join(', ')})`,
  )
    .argParser(addReportOrder)
    .default([], 'none')

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

/** Refuses reports that could not be written, before anything is measured. @throws UsageError REPORT_UNWRITABLE */
export async function refuseClosedReports(orders: readonly ReportOrder[]): Promise<void> {
  for (const { file } of orders) await refuseClosedFile(file)
}

/** Writes every report that can be written. @throws UsageError REPORT_UNWRITABLE, for the first that cannot */
export async function writeReports(orders: readonly ReportOrder[], report: GateReport): Promise<void> {
  const written = await Promise.allSettled(
    orders.map(({ format, file }) => writeReportFile(file, gateFormats[format](report))),
  )
  for (const each of written) if (each.status === 'rejected') throw each.reason
}
