import { decodeFromCompressedBase64, HistogramLogWriter } from 'hdr-histogram-js'
import type { LoadRun } from '../../run/load/load-run.ts'

/** Nanoseconds in a millisecond: the unit in which a log shows its largest values. */
const nsPerMs = 1e6

/**
 * The slices of a load as an HdrHistogram log (`.hlog`, version 1.3): an interval a second and kind of request, tagged
 * with the kind, values in nanoseconds. Other tools read and merge it.
 * @param kind `response` needs a run whose tool knows intended starts
 */
export function histogramLog({ measurement, startedAt }: LoadRun, kind: 'response' | 'service'): string {
  const lines: string[] = []
  const writer = new HistogramLogWriter((text) => void lines.push(text))
  writer.outputComment(`[${kind} times in nanoseconds, by forgebench load]`)
  writer.outputLogFormatVersion()
  // Not the writer's own line, which depends on the time zone.
  writer.outputComment(
    `[StartTime: ${(Date.parse(startedAt) / 1000).toFixed(3)} (seconds since epoch), ${startedAt}]`,
  )
  writer.outputLegend()
  for (const slice of measurement.slices) {
    const encoded = slice[kind]
    if (encoded === null) continue
    const histogram = decodeFromCompressedBase64(encoded)
    histogram.tag = slice.op.replaceAll(/[,\s]/g, '_')
    writer.outputIntervalHistogram(histogram, slice.second, slice.second + 1, nsPerMs)
  }
  return lines.join('')
}
