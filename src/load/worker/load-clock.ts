/** Nanoseconds of the machine's monotonic clock, which all its processes and threads share. */
export function machineNs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e9 + nanoseconds
}

/** Nanoseconds since a load began; negative before. */
export class LoadClock {
  #zeroMs = performance.now()

  /** The load begins at a moment of `machineNs`. */
  startAt(startNs: number): void {
    this.#zeroMs = performance.now() + (startNs - machineNs()) / 1e6
  }

  nowNs(): number {
    return (performance.now() - this.#zeroMs) * 1e6
  }
}
