import { UsageError } from '../core/errors.ts'

/** Calls a month as `--calls` gives them: of every operation alike, or of those named. */
export type CallsOrder =
  | { readonly kind: 'every operation'; readonly callsPerMonth: number }
  | { readonly kind: 'by operation'; readonly callsPerMonth: ReadonlyMap<string, number> }

/** Above it, rows a month would leave every price list; and a number of JSON holds it exactly. */
export const mostCalls = 1e15

/**
 * Reads `1.5M`, `200k`, `1e6` or `1000000`, and `Q1=3M,Q2=200k,W1=0`.
 * @throws UsageError CALLS_INVALID
 */
export function parseCalls(given: string): CallsOrder {
  const parts = given.split(',').map((part) => part.trim())
  const [only = ''] = parts
  if (parts.length === 1 && !only.includes('=')) {
    return { kind: 'every operation', callsPerMonth: callsOf(only, given) }
  }
  const byOperation = new Map<string, number>()
  for (const part of parts) {
    const [, operation, calls] = /^([^=\s]+)\s*=\s*([^=\s]+)$/.exec(part) ?? []
    if (operation === undefined || calls === undefined) throw refused(given, `«${part}» is no Q1=3M`)
    if (byOperation.has(operation)) throw refused(given, `${operation} is given twice`)
    byOperation.set(operation, callsOf(calls, given))
  }
  return { kind: 'by operation', callsPerMonth: byOperation }
}

/** Letters after a number, as powers of ten. */
const powers: Readonly<Record<string, number>> = { '': 0, k: 3, M: 6, G: 9, B: 9, T: 12 }

function callsOf(text: string, given: string): number {
  const form = /^(\d{1,20})(?:\.(\d{1,20}))?(?:e\+?(\d{1,2})|([kMGBT]))?$/.exec(text)
  if (form === null) throw refused(given, `«${text}» is no number such as 1.5M, 200k or 1e6`)
  const [, whole = '', decimals = '', exponent = '0', letter = ''] = form
  const shift = Number(exponent) + (powers[letter] ?? 0) - decimals.length
  // In whole numbers, because 1.1 × 10^6 is not exact otherwise.
  const digits = BigInt(whole + decimals)
  const scale = 10n ** BigInt(Math.abs(shift))
  if (shift < 0 && digits % scale !== 0n) throw refused(given, `«${text}» is no whole number of calls`)
  const calls = shift < 0 ? digits / scale : digits * scale
  if (calls > BigInt(mostCalls)) throw refused(given, `«${text}» is above ${mostCalls} calls`)
  return Number(calls)
}

const refused = (given: string, why: string): UsageError =>
  new UsageError(
    'CALLS_INVALID',
    `--calls ${given}: ${why}; write calls a month of every operation, such as 1M, or of some: Q1=3M,Q2=200k`,
  )
