/**
 * The text of a file that somebody wrote, without its byte order mark: UTF-8, or UTF-16 where the mark says so, which is
 * what `>` of Windows PowerShell writes.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}
