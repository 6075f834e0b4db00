import { writeVarint } from './cell.ts'
import { pageBytes } from './leaf-pages.ts'
import type { PageFile } from './page-file.ts'

interface Child {
  readonly page: number
  readonly rowid: number
}

/** Children of an interior page: a cell is at most 4 + 5 bytes for rowids below 2^35, its pointer 2 more. */
const fanout = Math.floor((pageBytes - 12) / (4 + 5 + 2))
const interiorPageType = 5

function interiorPage(children: readonly Child[]): Buffer {
  const page = Buffer.alloc(pageBytes)
  const last = children.at(-1)
  if (last === undefined || children.length < 2) throw new RangeError('an interior page needs two children')
  let content = pageBytes
  const cell = Buffer.alloc(16)
  for (const [index, child] of children.slice(0, -1).entries()) {
    cell.writeUInt32BE(child.page)
    const size = writeVarint(cell, 4, child.rowid)
    content -= size
    cell.copy(page, content, 0, size)
    page.writeUInt16BE(content, 12 + 2 * index)
  }
  page[0] = interiorPageType
  page.writeUInt16BE(children.length - 1, 3)
  page.writeUInt16BE(content, 5)
  page.writeUInt32BE(last.page, 8)
  return page
}

/**
 * Builds the interior pages of a table's B-tree above leaves that arrive in key order. Memory is one page per
 * level. The root is written last, over the root page that the empty table already has.
 */
export class TableTree {
  readonly #file: PageFile
  readonly #levels: Child[][] = [[]]

  constructor(file: PageFile) {
    this.#file = file
  }

  async add(page: number, rowid: number): Promise<void> {
    await this.#addTo(0, { page, rowid })
  }

  /** Writes what is left; the table's root page becomes the top of the tree. */
  async finish(rootPage: number): Promise<void> {
    for (let level = 0; ; level += 1) {
      const children = this.#levels[level]!
      if (level === this.#levels.length - 1 && children.length <= fanout) {
        await this.#file.replacePage(rootPage, interiorPage(children))
        return
      }
      const rest = children.length > fanout ? [children.splice(0, fanout - 2), children] : [children]
      for (const part of rest) await this.#raise(level, part)
    }
  }

  async #addTo(level: number, child: Child): Promise<void> {
    const children = (this.#levels[level] ??= [])
    children.push(child)
    // Two stay behind, because the last interior page of a level must not end up with a single child.
    if (children.length >= fanout + 2) await this.#raise(level, children.splice(0, fanout))
  }

  async #raise(level: number, children: readonly Child[]): Promise<void> {
    const page = await this.#file.appendPage(interiorPage(children))
    await this.#addTo(level + 1, { page, rowid: children.at(-1)!.rowid })
  }
}
