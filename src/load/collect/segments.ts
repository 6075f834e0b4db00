import { InvalidMeasurementError, UsageError } from '../../core/errors.ts'
import { isBefore, readSegment, wholeEnd, type Segment } from '../../run/load/execution-segment.ts'

/**
 * Reads an execution segment in k6's syntax; `place` says where it stands.
 * @throws UsageError SEGMENT_INVALID
 */
export function parseSegment(text: string, place: string): Segment {
  const segment = readSegment(text)
  if (segment !== undefined) return segment
  throw new UsageError('SEGMENT_INVALID', `${place}: ${text} is no execution segment, such as 0:1/3`)
}

/** A segment and the file it comes from. */
export interface NamedSegment {
  readonly name: string
  readonly segment: Segment
}

/**
 * Makes sure that segments are the whole load, each part of it once.
 * @throws UsageError SEGMENT_TWICE; InvalidMeasurementError SEGMENT_MISSING, which says which
 */
export function checkCover(parts: readonly NamedSegment[]): void {
  const sorted = parts.toSorted(({ segment: a }, { segment: b }) => a.from.value - b.from.value)
  const missing: string[] = []
  let reached = { text: '0', value: 0 }
  let last = ''
  for (const { name, segment } of sorted) {
    const { from, to } = segment
    if (isBefore(from, reached)) {
      throw new UsageError(
        'SEGMENT_TWICE',
        `${name}: its segment ${from.text}:${to.text} is in ${last} already; name every part of a load once`,
      )
    }
    if (isBefore(reached, from)) missing.push(`${reached.text}:${from.text}`)
    reached = to
    last = name
  }
  if (isBefore(reached, wholeEnd)) missing.push(`${reached.text}:1`)
  if (missing.length === 0) return
  throw new InvalidMeasurementError(
    'SEGMENT_MISSING',
    `${parts.length === 1 ? 'one part is' : `${parts.length} parts are`} not the whole load: the segment ${missing.join(' and ')} is missing; collect the summaries of all pods`,
  )
}
