import { closeSync, openSync, readSync } from 'node:fs'
import { decodePieces } from '../../core/decode-text.ts'

/** Enough that reading costs little; a file is never held whole. */
const pieceBytes = 64 * 1024

/**
 * The text of a SQL file in pieces, without its byte order mark and with `\n` as the end of every line.
 * @param invalid what becomes of bytes that are no text: U+FFFD, or a TypeError
 * @throws the errors of the file system
 */
export const sqlFilePieces = (path: string, invalid?: 'replace' | 'refuse'): Iterable<string> =>
  unixLines(decodePieces(bytesOf(path), invalid))

function* bytesOf(path: string): Iterable<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const buffer = new Uint8Array(pieceBytes)
      const length = readSync(file, buffer)
      if (length === 0) return
      yield buffer.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}

/** A `\r` at the end of a piece waits for the next, which may begin with `\n`. */
function* unixLines(pieces: Iterable<string>): Iterable<string> {
  let held = ''
  for (const piece of pieces) {
    const text = held + piece
    held = text.endsWith('\r') ? '\r' : ''
    const whole = held === '' ? text : text.slice(0, -1)
    if (whole !== '') yield whole.replaceAll('\r\n', '\n')
  }
  if (held !== '') yield held
}
