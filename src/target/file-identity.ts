import { statSync } from 'node:fs'

/** The files that hold a database in WAL mode. */
const suffixes = ['', '-wal']

/**
 * Remembers which files a connection has open, and tells when one of their paths leads elsewhere: somebody has replaced or
 * deleted it, and what is written from then on nobody will find.
 */
export class FileIdentity {
  readonly #path: string
  readonly #known: (number | undefined)[]

  /** Looks at the files as they are now; those that are not there yet are remembered when they come. */
  constructor(path: string) {
    this.#path = path
    this.#known = suffixes.map((suffix) => inodeOf(path + suffix))
  }

  /** False when a file that was there has been replaced or deleted. Takes some microseconds. */
  isInPlace(): boolean {
    for (const [index, suffix] of suffixes.entries()) {
      const inode = inodeOf(this.#path + suffix)
      const known = (this.#known[index] ??= inode)
      if (inode !== known) return false
    }
    return true
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino
