/** A standard normal deviate of two uniform numbers in [0, 1) (Box and Muller 1958). */
export function normal(uniform1: number, uniform2: number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform1)) * Math.cos(2 * Math.PI * uniform2)
}
