import { normal } from './normal.ts'

/** A log-normal deviate: half of them lie below `median`; `sigma` is the spread of the logarithm. */
export function logNormal(median: number, sigma: number, uniform1: number, uniform2: number): number {
  return median * Math.exp(sigma * normal(uniform1, uniform2))
}
