/** Half as many again as the mean number of requests under way, and some for a low rate. */
const headroom = 1.5
const fewest = 10

/**
 * Connections that arrivals need so that none waits for one, by Little's law: rate × time in the system, with headroom.
 * `latencyNs` is what one answer takes.
 */
export const connectionsFor = (ratePerSec: number, latencyNs: number): number =>
  Math.max(fewest, Math.ceil(((ratePerSec * latencyNs) / 1e9) * headroom))
