/** What the bytes read so far amount to; `excess` is an answer with unrequested bytes behind it. */
export type Reading = 'more' | 'answered' | 'excess' | 'broken'

type BodyKind = 'none' | 'length' | 'chunked' | 'untilClose'

const headEnd = Buffer.from('\r\n\r\n')
/** Bytes of the head of an answer: far more than servers send, and less than would fill the memory. */
const longestHead = 262_144
const cr = 13
const lf = 10

/**
 * Reads answers of HTTP/1.1 (RFC 9112) from the bytes of one connection, as far as a sender must understand them: status,
 * whether it is a web page, where the answer ends, and whether the connection may be used again. Bodies are passed over.
 */
export class AnswerReader {
  status = 0
  /** Whether the answer is a web page, where an API should have answered. */
  isHtml = false
  /** Whether the other side lets the connection stay. */
  mayStay = true
  /** How long the other side keeps the connection idle, in seconds; NaN where it does not say. */
  keepAliveSeconds = NaN
  #inHead = true
  #head: Buffer | null = null
  #body: BodyKind = 'none'
  #bytesLeft = 0
  #chunk: ChunkState = 'size'
  #digits = 0
  #lineLength = 0
  #isHeadRequest = false

  /** Waits for the answer to a request of this method. */
  begin(method: string): void {
    this.status = 0
    this.#inHead = true
    this.#head = null
    this.#isHeadRequest = method === 'HEAD'
  }

  /** Takes the next bytes; they may be overwritten afterwards. */
  push(chunk: Buffer): Reading {
    let bytes = chunk
    while (this.#inHead) {
      if (this.#head !== null) bytes = Buffer.concat([this.#head, bytes])
      const end = bytes.indexOf(headEnd)
      if (end === -1) {
        if (bytes.length > longestHead || !startsAsHttp(bytes)) return 'broken'
        // The bytes belong to whoever reads.
        this.#head = Buffer.from(bytes)
        return 'more'
      }
      this.#head = null
      if (end > longestHead || !this.#readHead(bytes.toString('latin1', 0, end))) return 'broken'
      bytes = bytes.subarray(end + headEnd.length)
    }
    return this.#readBody(bytes)
  }

  /** The other side has closed: whether that completes the answer. */
  get endsWithConnection(): boolean {
    return !this.#inHead && this.#body === 'untilClose'
  }

  #readHead(head: string): boolean {
    const { status, keepsAlive } = readStatusLine(head)
    // 101 would be another protocol.
    if (status < 100 || status === 101) return false
    this.mayStay = keepsAlive
    this.isHtml = false
    this.keepAliveSeconds = NaN
    let length = NaN
    let isChunked = false
    for (let at = head.indexOf('\r\n'); at !== -1;) {
      const next = head.indexOf('\r\n', at + 2)
      const end = next === -1 ? head.length : next
      const colon = head.indexOf(':', at + 2)
      if (colon === -1 || colon >= end || colon === at + 2) return false
      // Only names of these lengths are of interest: nothing is cut out of other lines.
      switch (colon - at - 2) {
        case 10: {
          const name = head.slice(at + 2, colon).toLowerCase()
          const value = head.slice(colon + 1, end).trim()
          if (name === 'connection') this.mayStay = staysBy(value, this.mayStay)
          else if (name === 'keep-alive') this.keepAliveSeconds = secondsIn(value)
          break
        }
        case 12:
          if (head.slice(at + 2, colon).toLowerCase() === 'content-type') {
            this.isHtml = head
              .slice(colon + 1, end)
              .trimStart()
              .toLowerCase()
              .startsWith('text/html')
          }
          break
        case 14:
          if (head.slice(at + 2, colon).toLowerCase() === 'content-length') {
            const text = head.slice(colon + 1, end).trim()
            const said = /^\d{1,15}$/.test(text) ? Number(text) : NaN
            if (Number.isNaN(said) || (!Number.isNaN(length) && said !== length)) return false
            length = said
          }
          break
        case 17:
          if (head.slice(at + 2, colon).toLowerCase() === 'transfer-encoding') {
            isChunked = /(?:^|,)\s*chunked\s*$/i.test(head.slice(colon + 1, end))
          }
      }
      at = next
    }
    // The answer itself is still to come.
    if (status < 200) return true
    this.status = status
    this.#inHead = false
    this.#beginBody(length, isChunked)
    return true
  }

  #beginBody(length: number, isChunked: boolean): void {
    const { status } = this
    this.#bytesLeft = 0
    if (this.#isHeadRequest || status === 204 || status === 304) this.#body = 'none'
    else if (isChunked) {
      this.#body = 'chunked'
      this.#chunk = 'size'
      this.#digits = 0
    } else if (Number.isNaN(length)) {
      this.#body = 'untilClose'
      this.mayStay = false
    } else {
      this.#body = 'length'
      this.#bytesLeft = length
    }
  }

  #readBody(bytes: Buffer): Reading {
    switch (this.#body) {
      case 'untilClose':
        return 'more'
      case 'chunked':
        return this.#readChunks(bytes)
      case 'none':
      case 'length':
        if (bytes.length < this.#bytesLeft) {
          this.#bytesLeft -= bytes.length
          return 'more'
        }
        return bytes.length > this.#bytesLeft ? 'excess' : 'answered'
    }
  }

  #readChunks(bytes: Buffer): Reading {
    let at = 0
    while (at < bytes.length) {
      if (this.#chunk === 'data') {
        const taken = Math.min(this.#bytesLeft, bytes.length - at)
        this.#bytesLeft -= taken
        at += taken
        if (this.#bytesLeft === 0) this.#chunk = 'afterData'
        continue
      }
      const next = this.#readChunkByte(bytes[at]!)
      at += 1
      if (next === 'broken') return 'broken'
      if (next === 'end') return at < bytes.length ? 'excess' : 'answered'
    }
    return 'more'
  }

  #readChunkByte(byte: number): 'broken' | 'end' | 'more' {
    switch (this.#chunk) {
      case 'size': {
        const digit = hexDigit(byte)
        if (digit !== -1) {
          this.#bytesLeft = this.#bytesLeft * 16 + digit
          this.#digits += 1
          return this.#digits > 12 ? 'broken' : 'more'
        }
        if (this.#digits === 0) return 'broken'
        this.#chunk = 'extension'
        return this.#readChunkByte(byte)
      }
      case 'extension':
        if (byte !== lf) return 'more'
        this.#chunk = this.#bytesLeft === 0 ? 'trailer' : 'data'
        this.#digits = 0
        this.#lineLength = 0
        return 'more'
      case 'afterData':
        if (byte === cr) return 'more'
        if (byte !== lf) return 'broken'
        this.#chunk = 'size'
        return 'more'
      case 'trailer':
        if (byte === cr) return 'more'
        if (byte !== lf) {
          this.#lineLength += 1
          return 'more'
        }
        if (this.#lineLength === 0) return 'end'
        this.#lineLength = 0
        return 'more'
      case 'data':
        return 'broken'
    }
  }
}

type ChunkState = 'size' | 'extension' | 'data' | 'afterData' | 'trailer'

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

const protocol = Buffer.from('HTTP/1.')

const startsAsHttp = (bytes: Buffer): boolean => {
  const length = Math.min(bytes.length, protocol.length)
  return bytes.compare(protocol, 0, length, 0, length) === 0
}

function readStatusLine(head: string): { readonly status: number; readonly keepsAlive: boolean } {
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?(?=\r\n|$)/.exec(head) ?? []
  return { status: Number(digits ?? 0), keepsAlive: minor === '1' }
}

function staysBy(connection: string, before: boolean): boolean {
  const options = connection.toLowerCase()
  if (/(?:^|,)\s*close\s*(?:,|$)/.test(options)) return false
  return before || /(?:^|,)\s*keep-alive\s*(?:,|$)/.test(options)
}

function secondsIn(keepAlive: string): number {
  const seconds = /(?:^|[,\s])timeout=(\d+)/i.exec(keepAlive)?.[1]
  return seconds === undefined ? NaN : Number(seconds)
}
