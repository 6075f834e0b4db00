import { UsageError } from '../../core/errors.ts'
import { podSummary, type PodSummary } from './pod-summary.ts'

/** A line of a summary in a log, wherever it begins: `kubectl logs --prefix` puts the pod's name before it. */
const line = /forgebench-summary (\S+) (\d+)\/(\d+) ([^\n\r]*)/g

/** True of a text that holds lines of summaries, such as `kubectl logs` prints them. */
export const hasSummaryLines = (text: string): boolean => text.search(line) !== -1

interface Pieces {
  readonly of: number
  readonly texts: Map<number, string>
}

/**
 * The summaries in a log of one pod or of several, whatever stands between their lines.
 * @throws UsageError SUMMARY_CUT when lines of one are missing; SUMMARY_INVALID
 */
export function summariesInLog(text: string, name: string): readonly PodSummary[] {
  const summaries = new Map<string, Pieces>()
  for (const [, owner = '', index, of, piece = ''] of text.matchAll(line)) {
    let pieces = summaries.get(owner)
    if (pieces === undefined) summaries.set(owner, (pieces = { of: Number(of), texts: new Map() }))
    pieces.texts.set(Number(index), piece)
  }
  return [...summaries].map(([owner, { of, texts }]) => {
    const whole = Array.from({ length: of }, (_, i) => texts.get(i + 1))
    const missing = whole.filter((piece) => piece === undefined).length
    if (missing > 0) {
      throw new UsageError(
        'SUMMARY_CUT',
        `${name}: the summary of segment ${owner.split('@')[0]} is cut off: ${missing} of its ${of} lines are missing; take the whole log, with --tail=-1`,
      )
    }
    return parseSummary(whole.join(''), name)
  })
}

/**
 * Reads the JSON of one summary.
 * @throws UsageError SUMMARY_CUT or SUMMARY_INVALID
 */
export function parseSummary(text: string, name: string): PodSummary {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(
      'SUMMARY_CUT',
      `${name}: not JSON, or cut off in the middle; take the file as the pod wrote it`,
      { cause: error },
    )
  }
  const checked = podSummary.safeParse(value)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new UsageError(
      'SUMMARY_INVALID',
      `${name}: no summary that this forgebench can read (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}); run the scripts of this version`,
    )
  }
  return checked.data
}
