/**
 * Calls back when sockets have been read once more: an end that came right behind an answer is seen by then, so that the
 * next request is not written to a connection that the other side has closed without announcing it.
 */
export function afterReading(then: () => void): void {
  // The first callback runs before the loop reads from sockets again, the second one after that.
  setImmediate(() => setImmediate(then))
}
