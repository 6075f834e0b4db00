const secondsPerUnit: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 }

/** Seconds of a duration of k6: milliseconds as a number, or a text such as `1m30s`; undefined for anything else. */
export function durationSeconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return duration >= 0 && duration < Infinity ? duration / 1000 : undefined
  if (typeof duration !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(duration)) return undefined
  return [...duration.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (secondsPerUnit[unit] ?? NaN),
    0,
  )
}
