let cachedMs = -1
let cachedText = ''

/**
 * A moment as SQLite's CURRENT_TIMESTAMP writes it, with milliseconds: `YYYY-MM-DD HH:MM:SS.mmm` in UTC. It sorts among
 * timestamps without a fraction.
 */
export function timestamp(nowMs: number): string {
  if (nowMs !== cachedMs) {
    cachedMs = nowMs
    cachedText = new Date(nowMs).toISOString().replace('T', ' ').slice(0, -1)
  }
  return cachedText
}

/** A stored timestamp as ISO 8601 in UTC. */
export const isoTime = (stored: string): string => `${stored.replace(' ', 'T')}Z`
