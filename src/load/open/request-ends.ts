const headEnd = Buffer.from('\r\n\r\n')

/** Finds where HTTP/1.1 requests end in the bytes of one connection; just enough of HTTP for our own senders. */
export class RequestEnds {
  #head: Buffer = Buffer.alloc(0)
  #bodyLeft = 0

  /** Takes the next bytes; returns how many requests they complete. */
  push(chunk: Buffer): number {
    let requests = 0
    let rest = chunk
    while (rest.length > 0) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, rest.length)
        this.#bodyLeft -= taken
        rest = rest.subarray(taken)
        if (this.#bodyLeft === 0) requests += 1
        continue
      }
      const bytes = this.#head.length === 0 ? rest : Buffer.concat([this.#head, rest])
      const end = bytes.indexOf(headEnd)
      if (end === -1) {
        this.#head = bytes
        break
      }
      this.#head = Buffer.alloc(0)
      this.#bodyLeft = contentLength(bytes.toString('latin1', 0, end))
      rest = bytes.subarray(end + headEnd.length)
      if (this.#bodyLeft === 0) requests += 1
    }
    return requests
  }
}

const contentLength = (head: string): number => Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
