const endOfHead = Buffer.from('\r\n\r\n')
const none = Buffer.alloc(0)

/**
 * Counts the requests in the bytes of one connection, whole requests only: a head up to its empty line, and as many
 * bytes of body as its Content-Length says. No chunked bodies: no sender here makes any.
 */
export class RequestSplitter {
  #head: Buffer = none
  #bodyLeft = 0

  /** Takes the next bytes and returns how many requests are complete with them. */
  push(chunk: Buffer): number {
    let requests = 0
    let rest = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    this.#head = none
    while (rest.length > 0) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, rest.length)
        this.#bodyLeft -= taken
        rest = rest.subarray(taken)
        if (this.#bodyLeft === 0) requests += 1
        continue
      }
      const end = rest.indexOf(endOfHead)
      if (end < 0) {
        this.#head = rest
        break
      }
      this.#bodyLeft = bodyLengthOf(rest, end)
      if (this.#bodyLeft === 0) requests += 1
      rest = rest.subarray(end + endOfHead.length)
    }
    return requests
  }
}

const letterG = 0x47

function bodyLengthOf(head: Buffer, end: number): number {
  // A GET has no body here, and searching its head would cost more than all the rest.
  if (head[0] === letterG) return 0
  const length = /\r\ncontent-length:\s*(\d+)/i.exec(head.toString('latin1', 0, end))?.[1]
  return length === undefined ? 0 : Number(length)
}
