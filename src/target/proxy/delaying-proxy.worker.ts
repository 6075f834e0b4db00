import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { DelayLine } from './delay-line.ts'
import type { ProxyAnswer, ProxyRequest } from './delaying-proxy.ts'

/** The end of one direction, which keeps its place behind what was sent before it. */
const end = Symbol('end')
type Piece = Buffer | typeof end

const sockets = new Map<number, Set<Socket>>()
const delaysMs = new Map<number, number[]>()
const mostSamples = 200_000

parentPort?.on('message', (request: ProxyRequest) => {
  const answer = (given: ProxyAnswer): void => parentPort?.postMessage(given, [])
  switch (request.kind) {
    case 'listen':
      return listen(request, (port) => answer({ kind: 'listening', id: request.id, port }))
    case 'cut':
      for (const socket of sockets.get(request.port) ?? []) socket.destroy()
      return
    case 'delays':
      return answer({
        kind: 'delays',
        id: request.id,
        delays: [...delaysMs].map(([delayMs, addedMs]) => ({ delayMs, addedMs })),
      })
  }
})

function listen(
  { upstreamPort, delayMs }: Extract<ProxyRequest, { kind: 'listen' }>,
  ready: (port: number) => void,
): void {
  const open = new Set<Socket>()
  // Either end may have said all that it has to say, and still be listening.
  const halfOpen = { allowHalfOpen: true }
  const server = createServer(halfOpen, (client) =>
    join(client, connect({ ...halfOpen, port: upstreamPort, host: '127.0.0.1' }), delayMs, open),
  )
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    sockets.set(port, open)
    ready(port)
  })
}

/** Hands on what either end sends; when one breaks off, so does the other. */
function join(client: Socket, server: Socket, delayMs: number, open: Set<Socket>): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    open.add(from)
    from.setNoDelay(true)
    const line = new DelayLine<Piece>(delayMs, (piece, delayedMs) => {
      if (to.destroyed) return
      if (piece === end) return void to.end()
      note(delayMs, delayedMs)
      to.write(piece)
    })
    from.on('data', (chunk: Buffer) => line.push(chunk))
    from.on('end', () => line.push(end))
    from.on('error', () => to.destroy())
    from.on('close', (hadError) => {
      open.delete(from)
      if (hadError || !from.readableEnded) to.destroy()
    })
  }
}

function note(delayMs: number, delayedMs: number): void {
  const samples = delaysMs.get(delayMs) ?? []
  if (samples.length < mostSamples) samples.push(delayedMs)
  delaysMs.set(delayMs, samples)
}
