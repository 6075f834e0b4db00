import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { RequestEnds } from '../request-ends.ts'
import { endpointOf } from './endpoint.ts'
import { LoadClock } from '../worker/load-clock.ts'
import { Sender } from './sender.ts'

const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}',
)
const requests = 4000
const connections = 8

/**
 * Sends some thousand requests to a server within this process, so that the code of the sender is compiled before the
 * first request that counts: cold, each takes up to a millisecond more, on both ways.
 */
export async function warmSender(): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    const ends = new RequestEnds()
    socket.on('data', (chunk) => {
      for (let left = ends.push(chunk); left > 0; left -= 1) socket.write(answer)
    })
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = new LoadClock()
  const sender = new Sender({
    profile: { ...profile },
    endpoint: endpointOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1000, undefined),
    clock,
    connections,
    maxConnections: connections,
    warmUpSeconds: 0,
    opensPerSec: 10_000,
  })
  await sender.pool.openAll(new AbortController().signal, () => undefined)
  let asked = 0
  const ask = (): void => {
    if (asked === requests) return
    asked += 1
    sender.submit({ index: asked, op: 'warm', method: 'GET', path: '/warm', body: null }, clock.nowNs())
  }
  sender.onSettled = ask
  for (let i = 0; i < connections; i += 1) ask()
  await sender.whenIdle()
  sender.outcomes.take()
  sender.close()
  server.close()
}

const profile = {
  title: '',
  why: '',
  data: { file: '', tables: {} },
  requests: [{ id: 'warm', title: '', method: 'GET' as const, path: () => '/', status: 200 }],
  mixes: { warm: { warm: 1 } },
  thresholds: {},
}
