import { hash32 } from '../random/hash.ts'
import type { Phrases, Vocabulary } from './vocabulary.ts'

/** An element of a non-empty list by 32 random bits. */
export function oneOf<T>(list: readonly T[], bits: number): T {
  return list[bits % list.length]!
}

const japaneseShare = 0.3 * 0x1_0000_0000

/** The language of a text by 32 random bits: three of ten are Japanese. */
export function language(vocabulary: Vocabulary, bits: number): Phrases {
  return bits < japaneseShare ? vocabulary.japanese : vocabulary.english
}

/** Sentences from a pool until the text has at least `bytes` bytes; at least one sentence. */
export function sentences(pool: readonly string[], bytes: number, key: number): string {
  let text = oneOf(pool, hash32(key, 0))
  for (let count = 1; text.length < bytes; count += 1) {
    text += (count % 4 === 0 ? '\n' : ' ') + oneOf(pool, hash32(key, count))
  }
  return text
}
