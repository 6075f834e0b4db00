import { unit } from './hash.ts'

/** A seeded source of uniform numbers in [0, 1), for code that draws one after another. */
export function randomSequence(key: number): () => number {
  let counter = 0
  return () => unit(key, counter++)
}
