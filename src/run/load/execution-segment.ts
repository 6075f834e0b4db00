/** A part of a load, as k6 has them: a stretch of [0, 1], whose ends keep the way they were written in. */
export interface Segment {
  readonly from: End
  readonly to: End
}

interface End {
  readonly text: string
  readonly value: number
}

/** Reads an execution segment in k6's syntax: `0:1/3`, `25%:50%`, `0.5:1`, or `1/4` for the first quarter. */
export function readSegment(text: string): Segment | undefined {
  const [first = '', second, ...more] = text.split(':')
  const from = endOf(second === undefined ? '0' : first)
  const to = endOf(second ?? first)
  return more.length === 0 && isBefore(from, to) && !isBefore(wholeEnd, to) ? { from, to } : undefined
}

export const wholeEnd: End = { text: '1', value: 1 }

function endOf(text: string): End {
  const [, value = NaN, divisor = 1, percent] =
    /^\s*(\d+(?:\.\d+)?)(?:\s*\/\s*(\d+)|(%))?\s*$/.exec(text) ?? []
  return { text: text.trim(), value: Number(value) / (percent === undefined ? Number(divisor) : 100) }
}

/** Ends that differ by rounding alone are the same: 1/3 has no end in binary. */
export const isBefore = (a: End, b: End): boolean => b.value - a.value > 1e-9

/** Share of the load that a segment is. */
export const widthOf = ({ from, to }: Segment): number => to.value - from.value
