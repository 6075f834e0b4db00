import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { endpointOf } from './endpoint.ts'
import { LoadClock } from '../worker/load-clock.ts'
import { nullServer } from './null-server.ts'
import { Sender } from './sender.ts'

const requests = 4000
const connections = 8

/**
 * Sends some thousand requests to a server within this process, so that the code of the sender is compiled before the
 * first request that counts: cold, each takes up to a millisecond more, on both ways.
 */
export async function warmSender(): Promise<void> {
  const server = nullServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = new LoadClock()
  const sender = new Sender({
    requests: kinds,
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

const kinds = [{ id: 'warm', title: '', method: 'GET' as const, path: () => '/', status: 200 }]
