const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/**
 * Values as bars from zero to the highest of them, one character each; a space for NaN, which is nothing measured, and
 * a cross for Infinity.
 */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(0, ...values.filter((value) => Number.isFinite(value)))
  return values
    .map((value) => {
      if (Number.isNaN(value)) return ' '
      if (value === Infinity) return '✕'
      if (value <= 0 || highest === 0) return bars[0]
      return bars[Math.min(Math.ceil((value / highest) * bars.length) - 1, bars.length - 1)] ?? bars[0]
    })
    .join('')
}
