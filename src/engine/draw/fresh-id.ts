import { hash32, type UuidBits, uuidV4, uuidV7 } from '../../random/random.ts'
import type { SqlValue } from '../../target/connection.ts'

/** How a database stores its ids. */
export interface IdEncoding {
  readonly version: 'v4' | 'v7'
  readonly storage: 'text' | 'blob'
}

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const uuidBytes = 16

/** Reads the encoding off one stored id; undefined for what is no UUID. Any version but 7 counts as version 4. */
export function idEncodingOf(id: SqlValue): IdEncoding | undefined {
  if (id instanceof Uint8Array && id.length === uuidBytes) {
    return { version: (id[6] ?? 0) >> 4 === 7 ? 'v7' : 'v4', storage: 'blob' }
  }
  const version = typeof id === 'string' ? uuidText.exec(id)?.[1] : undefined
  return version === undefined ? undefined : { version: version === '7' ? 'v7' : 'v4', storage: 'text' }
}

/** Where version 7 ids begin when a dataset does not say: always the same, so that a run can be repeated. */
const defaultAfterMs = Date.UTC(2026, 0, 1)

/**
 * The `index`-th new id of a stream. The same stream and index give the same last 64 bits in every encoding, so that
 * variants stay comparable; version 7 ids follow one another by a millisecond.
 */
export function freshId(
  encoding: IdEncoding,
  key: number,
  index: number,
  afterMs: number = defaultAfterMs,
): SqlValue {
  const bits: UuidBits = [0, 1, 2, 3].map((word) => hash32(key, index * 4 + word)) as unknown as UuidBits
  const text = encoding.version === 'v7' ? uuidV7(afterMs + index, bits) : uuidV4(bits)
  return encoding.storage === 'text' ? text : new Uint8Array(Buffer.from(text.replaceAll('-', ''), 'hex'))
}
