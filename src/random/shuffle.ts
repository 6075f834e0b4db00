import { below } from './hash.ts'

/** Shuffles an array of integers in place (Fisher and Yates), by the stream `key`. */
export function shuffle(values: Uint32Array, key: number): void {
  for (let index = values.length - 1; index > 0; index -= 1) {
    const other = below(index + 1, key, index)
    const value = values[index]!
    values[index] = values[other]!
    values[other] = value
  }
}
