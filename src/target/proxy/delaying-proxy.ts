import { Worker } from 'node:worker_threads'
import { sourceLoader } from '../../core/source-loader.ts'

export type ProxyRequest =
  | { readonly kind: 'listen'; readonly id: number; readonly upstreamPort: number; readonly delayMs: number }
  | { readonly kind: 'cut'; readonly port: number }
  | { readonly kind: 'delays'; readonly id: number }

export type ProxyAnswer =
  | { readonly kind: 'listening'; readonly id: number; readonly port: number }
  | { readonly kind: 'delays'; readonly id: number; readonly delays: readonly AddedDelays[] }

/** How long what was to be held back for `delayMs` on one way really was, piece by piece. */
export interface AddedDelays {
  readonly delayMs: number
  readonly addedMs: readonly number[]
}

/** A way to a server of this machine that takes longer. */
export interface DelayedWay {
  readonly url: string
  /** Breaks off every connection. */
  readonly cut: () => void
}

/**
 * Stands between clients and servers of this machine and holds back what they send each other: half of the round trip on
 * each way, in order. It lives in a thread of its own, so that a busy client does not make it late, and says how late it
 * was. Ends with `close`, or with the process.
 */
export class DelayingProxy {
  readonly #worker: Worker
  readonly #waiting = new Map<number, (answer: ProxyAnswer) => void>()
  #failure: Error | undefined
  #lastId = 0

  constructor() {
    const entry = new URL(`./delaying-proxy.worker${import.meta.url.slice(-3)}`, import.meta.url)
    this.#worker = new Worker(entry, { execArgv: sourceLoader(entry.href) })
    this.#worker.unref()
    this.#worker.on('message', (answer: ProxyAnswer) => {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
    this.#worker.on('error', (error) => {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      for (const answer of this.#waiting.values()) answer({ kind: 'listening', id: 0, port: 0 })
    })
  }

  /** A way to the server at `url` whose round trips take `roundTripMs` longer. */
  async way(url: string, roundTripMs: number): Promise<DelayedWay> {
    const { protocol, port } = new URL(url)
    const answer = await this.#ask((id) => ({
      kind: 'listen',
      id,
      upstreamPort: Number(port),
      delayMs: roundTripMs / 2,
    }))
    if (answer.kind !== 'listening') throw new RangeError('the proxy answered something else')
    return {
      url: `${protocol}//127.0.0.1:${answer.port}`,
      cut: () => this.#worker.postMessage({ kind: 'cut', port: answer.port } satisfies ProxyRequest, []),
    }
  }

  /** What it added so far, by what was asked for. */
  async delays(): Promise<readonly AddedDelays[]> {
    const answer = await this.#ask((id) => ({ kind: 'delays', id }))
    return answer.kind === 'delays' ? answer.delays : []
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  async #ask(request: (id: number) => ProxyRequest): Promise<ProxyAnswer> {
    const id = ++this.#lastId
    // Its thread must not keep the process, and an answer that is waited for must.
    this.#worker.ref()
    const answer = await new Promise<ProxyAnswer>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#worker.postMessage(request(id), [])
    })
    this.#worker.unref()
    if (this.#failure !== undefined) throw this.#failure
    return answer
  }
}
