import { randomUUID } from 'node:crypto'

let lastMs = 0
let counter = 0

/**
 * A fresh version 7 UUID (RFC 9562 section 5.7, with method 1 of section 6.2: a counter after the milliseconds), so
 * that ids of one process sort in the order in which they were made. Rows with rising keys fill the end of the index
 * of primary keys, which writes fewer pages than random ones.
 */
export function newId(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs
    counter = 0
  } else if (++counter > 0xfff) {
    lastMs += 1
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const count = counter.toString(16).padStart(3, '0')
  // The last 20 characters of a version 4 UUID hold the variant and 62 random bits, from a pool that Node fills ahead.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}${randomUUID().slice(18)}`
}
