import { request as requestHttp, type Agent, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { tlsOptions, type LoadTls } from './load-tls.ts'

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
  /** From asking to the last byte, with the time to connect. */
  readonly latencyNs: number
}

export interface AskOptions {
  readonly token: string | undefined
  /** From asking to the last byte. */
  readonly timeoutMs: number
  readonly tls?: LoadTls | undefined
  /** Unless given, the request has a connection of its own. */
  readonly agent?: Agent
}

const mostTextBytes = 1e6
/** More than any server sends; the engines read less. */
const mostHeaderBytes = 1 << 20

/**
 * Sends one GET and reads whatever comes back: interim answers, large headers, a body that breaks off. It rejects only
 * where no answer came, with what the system or the parser says, or with UsageError CA_FILE.
 */
export async function askTarget(
  address: string,
  { token, timeoutMs, tls, agent }: AskOptions,
): Promise<TargetAnswer> {
  const url = new URL(address)
  const interim = new Set<number>()
  const trust = await tlsOptions(tls)
  return new Promise((resolve, reject) => {
    const options = {
      agent: agent ?? false,
      maxHeaderSize: mostHeaderBytes,
      headers: {
        accept: 'application/json',
        'user-agent': 'forgebench',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...trust,
    }
    const askedMs = performance.now()
    const answerOf = (
      response: IncomingMessage,
      chunks: readonly Buffer[],
      isCut: boolean,
    ): TargetAnswer => ({
      ...contentOf(response, chunks),
      isCut,
      interim: [...interim],
      latencyNs: (performance.now() - askedMs) * 1e6,
    })
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options)
    const timer = setTimeout(() => {
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))
    }, timeoutMs)
    request.on('close', () => clearTimeout(timer))
    request.on('continue', () => interim.add(100))
    request.on('information', ({ statusCode }) => interim.add(statusCode))
    request.on('upgrade', (response: IncomingMessage, socket) => {
      socket.destroy()
      resolve(answerOf(response, [], false))
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ETIMEDOUT') reject(error)
        else resolve(answerOf(response, chunks, true))
      })
      response.on('end', () => resolve(answerOf(response, chunks, false)))
    })
    request.end()
  })
}

function contentOf(
  { statusCode = 0, headers, rawHeaders }: IncomingMessage,
  chunks: readonly Buffer[],
): Pick<TargetAnswer, 'status' | 'headers' | 'headerBytes' | 'text' | 'bodyBytes'> {
  const body = Buffer.concat(chunks)
  return {
    status: statusCode,
    headers,
    headerBytes: rawHeaders.reduce((sum, text) => sum + text.length + 2, 0),
    text: body.toString('utf8', 0, mostTextBytes),
    bodyBytes: body.length,
  }
}
