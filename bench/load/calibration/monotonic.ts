const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** Milliseconds of the machine's monotonic clock: alike in all its processes and threads. */
export const monotonicMs = (): number => performance.now() + offsetMs
