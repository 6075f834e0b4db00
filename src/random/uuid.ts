const hex16 = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'))

const word = (value: number): string => hex16[value >>> 16]! + hex16[value & 0xffff]!

/** Bytes 8 to 15: the variant and 62 random bits. The last 16 hex digits of v4 and v7 ids of one row are equal. */
const lowHalf = (high: number, low: number): string => {
  const variant = ((high & 0x3fff_ffff) | 0x8000_0000) >>> 0
  return `${hex16[variant >>> 16]}-${hex16[variant & 0xffff]}${word(low >>> 0)}`
}

/** Four words of 32 random bits; the last two make the low half of the id. */
export type UuidBits = readonly [number, number, number, number]

/** A version 4 UUID (RFC 9562 section 5.4) of random bits, as 36 characters in lower case. */
export function uuidV4([a, b, c, d]: UuidBits): string {
  return `${word(a >>> 0)}-${hex16[(b >>> 16) & 0xffff]}-${hex16[(b & 0x0fff) | 0x4000]}-${lowHalf(c, d)}`
}

/** A version 7 UUID (RFC 9562 section 5.7): milliseconds since 1970, then random bits. 36 characters in lower case. */
export function uuidV7(unixMs: number, [, b, c, d]: UuidBits): string {
  const high = Math.floor(unixMs / 0x10000)
  return `${word(high >>> 0)}-${hex16[unixMs % 0x10000]}-${hex16[(b & 0x0fff) | 0x7000]}-${lowHalf(c, d)}`
}
