/** Nanoseconds to microseconds. */
export const nsToUs = (ns: number): number => ns / 1_000
/** Nanoseconds to milliseconds. */
export const nsToMs = (ns: number): number => ns / 1_000_000
