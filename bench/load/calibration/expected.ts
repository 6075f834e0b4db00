import { treatmentOf, type Behaviour } from './behaviour.ts'

/** Evenly spaced arrivals. */
export interface AskedSchedule {
  readonly ratePerSec: number
  readonly seconds: number
}

/**
 * The response time in milliseconds that the share `q` of a schedule's requests must not exceed, by nearest rank, when
 * every request leaves on time and costs nothing on its way: the analytic truth. Closed requests are left out.
 */
export function expectedQuantileMs(behaviour: Behaviour, schedule: AskedSchedule, q: number): number {
  const { ratePerSec, seconds } = schedule
  const latenciesMs: number[] = []
  for (let number = 0; number < Math.round(ratePerSec * seconds); number++) {
    const { delayMs, answered } = treatmentOf(behaviour, number, (number / ratePerSec) * 1000)
    if (answered) latenciesMs.push(delayMs)
  }
  latenciesMs.sort((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(q * latenciesMs.length - 1e-6))
  return latenciesMs[rank - 1] ?? NaN
}
