import { open, type FileHandle } from 'node:fs/promises'
import { pageBytes, type PackedPages } from './leaf-pages.ts'

/** SQLite never uses the page that holds byte 2^30, where it keeps its locks (file format section 1.3). */
const lockPage = 2 ** 30 / pageBytes + 1

/** Appends pages to a database file that no engine has open, and updates its header at the end. */
export class PageFile {
  readonly #file: FileHandle
  /** The next page to allocate, counted from 1 without the lock page. */
  #next: number

  private constructor(file: FileHandle, pages: number) {
    this.#file = file
    this.#next = pages + 1
  }

  /** Opens a database file of `pageBytes` pages that the engine has just closed. */
  static async open(path: string): Promise<PageFile> {
    const file = await open(path, 'r+')
    const { size } = await file.stat()
    if (size % pageBytes !== 0 || size / pageBytes >= lockPage) {
      await file.close()
      throw new RangeError(`${path} has ${size} bytes; expected a new database of ${pageBytes}-byte pages`)
    }
    return new PageFile(file, size / pageBytes)
  }

  /** Places a block behind the last page. Returns the page number of every leaf. */
  async append(packed: PackedPages): Promise<Uint32Array> {
    const first = this.#next
    const view = new DataView(packed.pages.buffer, packed.pages.byteOffset, packed.pages.byteLength)
    for (const offset of packed.pageNumberOffsets) {
      view.setUint32(offset, pageNumber(first + view.getUint32(offset)))
    }
    this.#next += packed.pages.byteLength / pageBytes
    await this.#write(packed.pages, first)
    return packed.leafPages.map((page) => pageNumber(first + page))
  }

  /** Places one page behind the last. Returns its number. */
  async appendPage(page: Uint8Array): Promise<number> {
    const position = this.#next
    this.#next += 1
    await this.#write(page, position)
    return pageNumber(position)
  }

  /** Replaces a page that exists. */
  async replacePage(number: number, page: Uint8Array): Promise<void> {
    await this.#writeAt(page, (number - 1) * pageBytes)
  }

  /** Writes the size and a new change counter into the header (file format section 1.3). */
  async writeHeader(): Promise<void> {
    const header = Buffer.alloc(100)
    await this.#file.read(header, 0, 100, 0)
    const changes = header.readUInt32BE(24) + 1
    header.writeUInt32BE(changes, 24)
    header.writeUInt32BE(pageNumber(this.#next - 1), 28)
    header.writeUInt32BE(changes, 92)
    await this.#writeAt(header, 0)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #write(pages: Uint8Array, position: number): Promise<void> {
    const before = Math.max(0, Math.min(lockPage - position, pages.byteLength / pageBytes)) * pageBytes
    if (before > 0) await this.#writeAt(pages.subarray(0, before), (position - 1) * pageBytes)
    if (before < pages.byteLength) {
      const start = pageNumber(position + before / pageBytes)
      await this.#writeAt(pages.subarray(before), (start - 1) * pageBytes)
    }
  }

  async #writeAt(bytes: Uint8Array, start: number): Promise<void> {
    for (let written = 0; written < bytes.byteLength;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.byteLength - written,
        start + written,
      )
      written += bytesWritten
    }
  }
}

const pageNumber = (position: number): number => (position >= lockPage ? position + 1 : position)

/** Marks a closed database as one in WAL mode (both format versions 2, section 1.3.3), and syncs it. */
export async function makeWal(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(Uint8Array.of(2, 2), 0, 2, 18)
    await file.sync()
  } finally {
    await file.close()
  }
}
