/**
 * The text of a file that somebody wrote, without its byte order mark: UTF-8, or UTF-16 where the mark says so, which is
 * what `>` of Windows PowerShell writes.
 */
export const decodeText = (bytes: Uint8Array): string => decoderOf(bytes).decode(bytes)

/**
 * As `decodeText`, for a file that comes in pieces; the first holds at least two bytes if the file does.
 * @throws TypeError for bytes that are no text, where they are to be refused and not replaced
 */
export function* decodePieces(
  pieces: Iterable<Uint8Array>,
  invalid: 'replace' | 'refuse' = 'replace',
): Iterable<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  for (const piece of pieces) {
    decoder ??= decoderOf(piece, invalid === 'refuse')
    yield decoder.decode(piece, { stream: true })
  }
  if (decoder !== undefined) yield decoder.decode()
}

function decoderOf([first, second]: Uint8Array, fatal = false): InstanceType<typeof TextDecoder> {
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { fatal })
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be', { fatal })
  return new TextDecoder('utf-8', { fatal })
}
