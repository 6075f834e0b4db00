const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const hyphen = '-'.charCodeAt(0)

/** Where an id is put together: twice as fast as joining strings, and ids are most of what a seeder writes. */
const text = Buffer.alloc(36, hyphen)

/** Writes the lowest `count` hex digits of a 32-bit value. */
function put(value: number, offset: number, count: number): void {
  let rest = value
  for (let index = offset + count - 1; index >= offset; index -= 1) {
    text[index] = digits[rest & 15]!
    rest >>>= 4
  }
}

/** Bytes 8 to 15: the variant and 62 random bits. The last 16 hex digits of v4 and v7 ids of one row are equal. */
function putLowHalf(high: number, low: number): void {
  put(((high >>> 16) & 0x3fff) | 0x8000, 19, 4)
  put(high, 24, 4)
  put(low, 28, 8)
}

/** Four words of 32 random bits; the last two make the low half of the id. */
export type UuidBits = readonly [number, number, number, number]

/** A version 4 UUID (RFC 9562 section 5.4) of random bits, as 36 characters in lower case. */
export function uuidV4([a, b, c, d]: UuidBits): string {
  put(a, 0, 8)
  put(b >>> 16, 9, 4)
  put((b & 0x0fff) | 0x4000, 14, 4)
  putLowHalf(c, d)
  return text.toString('latin1')
}

/** A version 7 UUID (RFC 9562 section 5.7): milliseconds since 1970, then random bits. 36 characters in lower case. */
export function uuidV7(unixMs: number, [, b, c, d]: UuidBits): string {
  put(Math.floor(unixMs / 0x10000), 0, 8)
  put(unixMs % 0x10000, 9, 4)
  put((b & 0x0fff) | 0x7000, 14, 4)
  putLowHalf(c, d)
  return text.toString('latin1')
}
