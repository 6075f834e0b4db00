/** What «now» is in generated rows: a constant, so that rows never depend on the clock. */
export const anchorMs = Date.UTC(2025, 9, 1)

/** Generated history reaches back 24 months. */
export const startMs = Date.UTC(2023, 9, 1)

/** Nothing is created in the hour before «now», so that what was started has an end. */
export const lastCreatedMs = anchorMs - 3_600_000

const spanMs = lastCreatedMs - startMs
const growth = 2

/**
 * The moment (ms since 1970) of a fraction of all rows: the inverse of a rate that grows by e^2 over the
 * span, so that later months hold more rows. It never decreases, and 0 is the start of the span.
 */
export function momentMs(fraction: number): number {
  return startMs + Math.floor((spanMs * Math.log1p(fraction * Math.expm1(growth))) / growth)
}

const dayMs = 86_400_000
const twoDigits = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
const days = new Map<number, string>()

/** A moment as SQLite's CURRENT_TIMESTAMP writes it, `YYYY-MM-DD HH:MM:SS` in UTC. */
export function timestamp(unixMs: number): string {
  const day = Math.floor(unixMs / dayMs)
  let date = days.get(day)
  if (date === undefined) {
    date = new Date(day * dayMs).toISOString().slice(0, 10)
    days.set(day, date)
  }
  const second = Math.floor((unixMs - day * dayMs) / 1000)
  const minute = Math.floor(second / 60)
  return `${date} ${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[second % 60]}`
}
