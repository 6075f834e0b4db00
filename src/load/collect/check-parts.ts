import { InvalidMeasurementError, UsageError } from '../../core/errors.ts'
import type { LoadPart } from './load-part.ts'
import { checkCover, parseSegment } from './segments.ts'

/**
 * Makes sure that parts are of one load: the same requests with the same thresholds to the same target at the same
 * time, and either all segments of it, each once, or whole loads side by side.
 * @throws UsageError for parts that do not belong together; InvalidMeasurementError for parts that are missing, or did
 * not run together
 */
export function checkParts(parts: readonly [LoadPart, ...LoadPart[]]): void {
  const [first, ...others] = parts
  const seen = new Map<string, string>()
  for (const { id, name } of parts) {
    const other = seen.get(id)
    if (other !== undefined) {
      throw new UsageError('COLLECT_TWICE', `${name} is the same part as ${other}; name every part once`)
    }
    seen.set(id, name)
  }
  for (const part of others) checkSame(first, part)
  const segments = parts.flatMap(({ name, measurement: { segment } }) =>
    segment === undefined ? [] : [{ name, segment: parseSegment(segment, name) }],
  )
  const whole = parts.find(({ measurement }) => measurement.segment === undefined)
  if (segments.length > 0 && whole !== undefined) {
    throw new UsageError(
      'COLLECT_MIXED',
      `${whole.name} is a whole load and ${segments[0]?.name} a segment of one; collect one or the other`,
    )
  }
  if (segments.length > 0) checkCover(segments)
  checkTogether(parts)
}

function checkSame(first: LoadPart, part: LoadPart): void {
  const isSegment = part.measurement.segment !== undefined
  const model = ({ settings }: LoadPart): unknown => (isSegment ? settings.model : settings.model.kind)
  const facts: readonly (readonly [what: string, of: (part: LoadPart) => unknown])[] = [
    ['profile', ({ profile }) => profile.fileDigest],
    ['rows of the profile', ({ profile }) => profile.dataDigest],
    ['mix', ({ profile }) => profile.mix],
    ['seed', ({ settings }) => settings.seed],
    ['URL', ({ url }) => url],
    ['rate or users', model],
    ['stages', ({ settings }) => [settings.stages, settings.warmUpSeconds]],
    ['thresholds', thresholdsOf],
  ]
  for (const [what, of] of facts) {
    const [a, b] = [JSON.stringify(of(first)), JSON.stringify(of(part))]
    if (a === b) continue
    const values = `${first.name}: ${shorten(a)}, ${part.name}: ${shorten(b)}`
    throw new UsageError(
      'COLLECT_DIFFERENT',
      `these are parts of different loads: not the same ${what} (${values})`,
    )
  }
}

const thresholdsOf = ({ thresholds }: LoadPart): readonly string[] =>
  thresholds.map(({ metric, expression }) => `${metric} ${expression}`).toSorted()

const shorten = (json: string): string => (json.length > 80 ? `${json.slice(0, 77)}…` : json)

/** Parts one after the other would be a smaller load for a longer time. */
function checkTogether(parts: readonly LoadPart[]): void {
  const last = parts.reduce((a, b) => (b.startedAtMs > a.startedAtMs ? b : a))
  const early = parts.find(({ finishedAtMs }) => finishedAtMs < last.startedAtMs)
  if (early === undefined) return
  const gap = ((last.startedAtMs - early.finishedAtMs) / 1000).toFixed(1)
  throw new InvalidMeasurementError(
    'COLLECT_APART',
    `${last.name} began ${gap} s after ${early.name} had ended: together they were not the load that was planned; run all parts at once`,
  )
}
