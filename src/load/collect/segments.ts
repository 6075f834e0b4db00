import { InvalidMeasurementError, UsageError } from '../../core/errors.ts'

/** A part of a load, as k6 has them: a stretch of [0, 1]. */
export interface Segment {
  readonly from: Fraction
  readonly to: Fraction
}

/** Exact, because 1/3 has no end in binary. */
interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/**
 * Reads an execution segment in k6's syntax: `0:1/3`, `25%:50%`, `0.5:1`, or `1/4` for the first quarter.
 * @throws UsageError SEGMENT_INVALID
 */
export function parseSegment(text: string, place: string): Segment {
  const [first = '', second, more] = text.split(':')
  const from = parseFraction(second === undefined ? '0' : first)
  const to = parseFraction(second ?? first)
  if (
    more !== undefined ||
    from === undefined ||
    to === undefined ||
    !isBelow(from, to) ||
    isBelow(one, to)
  ) {
    throw new UsageError('SEGMENT_INVALID', `${place}: ${text} is no execution segment, such as 0:1/3`)
  }
  return { from, to }
}

const zero: Fraction = { numerator: 0n, denominator: 1n }
const one: Fraction = { numerator: 1n, denominator: 1n }

function parseFraction(text: string): Fraction | undefined {
  const [, whole, decimals = '', percent] = /^\s*(\d+)(?:\.(\d+))?(%?)\s*$/.exec(text) ?? []
  if (whole !== undefined) {
    const denominator = 10n ** BigInt(decimals.length) * (percent === '%' ? 100n : 1n)
    return { numerator: BigInt(whole + decimals), denominator }
  }
  const [, numerator, denominator] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text) ?? []
  if (numerator === undefined || denominator === undefined || BigInt(denominator) === 0n) return undefined
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) }
}

const isBelow = (a: Fraction, b: Fraction): boolean =>
  a.numerator * b.denominator < b.numerator * a.denominator

/** Share of the load that a segment is. */
export const widthOf = ({ from, to }: Segment): number =>
  Number(to.numerator) / Number(to.denominator) - Number(from.numerator) / Number(from.denominator)

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
  const sorted = parts.toSorted(({ segment: a }, { segment: b }) =>
    isBelow(a.from, b.from) ? -1 : isBelow(b.from, a.from) ? 1 : 0,
  )
  const missing: string[] = []
  let reached = zero
  let last = ''
  for (const { name, segment } of sorted) {
    if (isBelow(segment.from, reached)) {
      throw new UsageError(
        'SEGMENT_TWICE',
        `${name}: its segment ${textOf(segment)} is in ${last} already; name every part of a load once`,
      )
    }
    if (isBelow(reached, segment.from)) missing.push(textOf({ from: reached, to: segment.from }))
    reached = segment.to
    last = name
  }
  if (isBelow(reached, one)) missing.push(textOf({ from: reached, to: one }))
  if (missing.length === 0) return
  throw new InvalidMeasurementError(
    'SEGMENT_MISSING',
    `${parts.length === 1 ? 'one part is' : `${parts.length} parts are`} not the whole load: the segment ${missing.join(' and ')} is missing; collect the summaries of all pods`,
  )
}

const textOf = ({ from, to }: Segment): string => `${fractionText(from)}:${fractionText(to)}`

function fractionText({ numerator, denominator }: Fraction): string {
  const divisor = greatestDivisor(numerator, denominator)
  const [above, below] = [numerator / divisor, denominator / divisor]
  return below === 1n ? String(above) : `${above}/${below}`
}

const greatestDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestDivisor(b, a % b))
