/**
 * Samples of a slice as text: whole nanoseconds in ascending order, as differences in base-128 varints, in base64. Lossless
 * but for fractions of nanoseconds and the order; about 1.5 bytes a sample.
 */
export function encodeSamples(durationsNs: Float64Array): string {
  const sorted = durationsNs.toSorted()
  const bytes: number[] = []
  let last = 0
  for (const value of sorted) {
    const whole = Math.max(Math.round(value), 0)
    let rest = whole - last
    last = whole
    // Not bit operators: a difference may exceed 32 bits.
    while (rest >= 128) {
      bytes.push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  return Buffer.from(bytes).toString('base64')
}

/**
 * Reads what `encodeSamples` wrote, ascending.
 * @throws RangeError when the text ends within a number
 */
export function decodeSamples(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64')
  const values: number[] = []
  let last = 0
  let rest = 0
  let scale = 1
  for (const byte of bytes) {
    rest += (byte % 128) * scale
    scale *= 128
    if (byte >= 128) continue
    last += rest
    values.push(last)
    rest = 0
    scale = 1
  }
  if (scale !== 1) throw new RangeError('samples that end within a number')
  return Float64Array.from(values)
}
