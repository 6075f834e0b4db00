/**
 * Memory for the pages of blocks. What comes back is used again: the collector does not count memory outside of
 * its heap, and would let it grow with the database.
 */
export class PageMemory {
  readonly #free: ArrayBuffer[] = []

  /** Memory of at least `bytes` bytes, with anything in it. */
  take(bytes: number): ArrayBuffer {
    const found = this.#free.findIndex((memory) => memory.byteLength >= bytes)
    return found < 0 ? new ArrayBuffer(bytes) : this.#free.splice(found, 1)[0]!
  }

  give(memory: ArrayBuffer): void {
    this.#free.push(memory)
  }
}
