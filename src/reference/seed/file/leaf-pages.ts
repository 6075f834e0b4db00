export const pageBytes = 4096

/** The first bytes of a packer's memory, free for its caller: cells made here need no copy between buffers. */
export const scratchBytes = 256 * 1024

/** Payload bytes that a table leaf may hold without overflow, and the least it keeps (file format section 1.6). */
const largestLocalBytes = pageBytes - 35
const leastLocalBytes = Math.floor(((pageBytes - 12) * 32) / 255) - 23
const overflowContentBytes = pageBytes - 4
const leafHeaderBytes = 8
const leafPageType = 13

/** Pages of one block of rows; page numbers inside are relative to the first page until they are placed. */
export interface PackedPages {
  /** Whole pages, one after another. */
  readonly pages: Uint8Array<ArrayBuffer>
  /** Leaves in key order: relative page number and largest rowid. */
  readonly leafPages: Uint32Array<ArrayBuffer>
  readonly leafRowids: Float64Array<ArrayBuffer>
  /** Byte offsets in `pages` of four-byte page numbers that are relative (0 is the first page). */
  readonly pageNumberOffsets: Uint32Array<ArrayBuffer>
}

/** How much of a record stays in its leaf; the rest goes to overflow pages. */
function localBytes(payload: number): number {
  if (payload <= largestLocalBytes) return payload
  const kept = leastLocalBytes + ((payload - leastLocalBytes) % overflowContentBytes)
  return kept <= largestLocalBytes ? kept : leastLocalBytes
}

/**
 * Packs cells into the leaf pages of a table in rowid order, as full as they get: what SQLite does with rows
 * that are appended. Overflow pages lie behind their leaf.
 */
export class LeafPacker {
  #bytes: Buffer
  readonly #leafPages: number[] = []
  readonly #leafRowids: number[] = []
  readonly #fixes: number[] = []
  #pages = 0
  #leaf = -1
  #cells = 0
  #contentStart = pageBytes
  #lastRowid = 0

  constructor(memory: ArrayBuffer) {
    this.#bytes = Buffer.from(memory)
  }

  /** The memory, with the scratch space in front. It changes when more is needed: ask again after `add`. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Adds the cell in the scratch bytes `[start, end)`; its record starts at `recordStart`. Rowids must increase. */
  add(start: number, recordStart: number, end: number, rowid: number): void {
    const payload = end - recordStart
    const local = localBytes(payload)
    const size = recordStart - start + local + (local < payload ? 4 : 0)
    if (this.#leaf < 0 || leafHeaderBytes + 2 * (this.#cells + 1) + size > this.#contentStart) {
      this.#closeLeaf()
      this.#leaf = this.#newPage()
      this.#leafPages.push(this.#leaf)
    }
    const leafStart = scratchBytes + this.#leaf * pageBytes
    this.#contentStart -= size
    const cell = leafStart + this.#contentStart
    this.#bytes.copyWithin(cell, start, recordStart + local)
    this.#bytes.writeUInt16BE(this.#contentStart, leafStart + leafHeaderBytes + 2 * this.#cells)
    this.#cells += 1
    this.#lastRowid = rowid
    if (local < payload) this.#overflow(recordStart + local, end, cell + size - 4)
  }

  /** Closes the last leaf and returns all pages. */
  finish(): PackedPages {
    this.#closeLeaf()
    return {
      pages: new Uint8Array(
        this.#bytes.buffer,
        scratchBytes,
        this.#pages * pageBytes,
      ) as Uint8Array<ArrayBuffer>,
      leafPages: Uint32Array.from(this.#leafPages),
      leafRowids: Float64Array.from(this.#leafRowids),
      pageNumberOffsets: Uint32Array.from(this.#fixes),
    }
  }

  #overflow(start: number, end: number, firstPointer: number): void {
    let pointer = firstPointer
    for (let from = start; from < end; from += overflowContentBytes) {
      const page = this.#newPage()
      this.#bytes.writeUInt32BE(page, pointer)
      this.#fixes.push(pointer - scratchBytes)
      pointer = scratchBytes + page * pageBytes
      this.#bytes.copyWithin(pointer + 4, from, Math.min(end, from + overflowContentBytes))
    }
  }

  #newPage(): number {
    const needed = scratchBytes + (this.#pages + 1) * pageBytes
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)))
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    // The memory may have held other pages before.
    this.#bytes.fill(0, needed - pageBytes, needed)
    this.#pages += 1
    return this.#pages - 1
  }

  #closeLeaf(): void {
    if (this.#leaf < 0) return
    const start = scratchBytes + this.#leaf * pageBytes
    this.#bytes[start] = leafPageType
    this.#bytes.writeUInt16BE(this.#cells, start + 3)
    this.#bytes.writeUInt16BE(this.#contentStart, start + 5)
    this.#leafRowids.push(this.#lastRowid)
    this.#cells = 0
    this.#contentStart = pageBytes
  }
}
