import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'

/** An answer of a target, whole or not. */
export interface TargetAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly headerBytes: number
  /** The first megabyte of its body. */
  readonly text: string
  readonly bodyBytes: number
  /** The connection was closed before the body that was announced had come. */
  readonly isCut: boolean
  /** Interim answers (1xx) that came before it. */
  readonly interim: readonly number[]
}

export interface AskOptions {
  readonly token: string | undefined
  /** From asking to the last byte. */
  readonly timeoutMs: number
  readonly tls: Pick<
    RequestOptions & { ca?: readonly string[]; rejectUnauthorized?: boolean },
    'ca' | 'rejectUnauthorized'
  >
}

const mostTextBytes = 1e6
/** More than any server sends; the engines read less. */
const mostHeaderBytes = 1 << 20

/**
 * Sends one GET over a connection of its own and reads whatever comes back: interim answers, large headers, a body that
 * breaks off. It rejects only where no answer came, with what the system or the parser says.
 */
export async function askTarget(
  address: string,
  { token, timeoutMs, tls }: AskOptions,
): Promise<TargetAnswer> {
  const url = new URL(address)
  const interim = new Set<number>()
  return new Promise((resolve, reject) => {
    const options = {
      agent: false,
      maxHeaderSize: mostHeaderBytes,
      headers: {
        accept: 'application/json',
        'user-agent': 'forgebench',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(tls.ca === undefined ? {} : { ca: [...tls.ca] }),
      ...(tls.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: tls.rejectUnauthorized }),
    }
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options)
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))
    }, timeoutMs)
    request.on('close', () => clearTimeout(timer))
    request.on('continue', () => interim.add(100))
    request.on('information', ({ statusCode }) => interim.add(statusCode))
    request.on('upgrade', (response: IncomingMessage, socket) => {
      socket.destroy()
      resolve(answerOf(response, [], interim, false))
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ETIMEDOUT') reject(error)
        else resolve(answerOf(response, chunks, interim, true))
      })
      response.on('end', () => resolve(answerOf(response, chunks, interim, false)))
    })
    request.end()
  })
}

function answerOf(
  { statusCode = 0, headers, rawHeaders }: IncomingMessage,
  chunks: readonly Buffer[],
  interim: ReadonlySet<number>,
  isCut: boolean,
): TargetAnswer {
  const body = Buffer.concat(chunks)
  return {
    status: statusCode,
    headers,
    headerBytes: rawHeaders.reduce((sum, text) => sum + text.length + 2, 0),
    text: body.toString('utf8', 0, mostTextBytes),
    bodyBytes: body.length,
    isCut,
    interim: [...interim],
  }
}
