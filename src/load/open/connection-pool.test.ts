import { expect, test } from 'vitest'
import { LoadClock } from '../worker/load-clock.ts'
import { ConnectionPool } from './connection-pool.ts'
import { endpointOf } from './endpoint.ts'

test('a connection that carries the next request when it is given back is given to nobody else', () => {
  const pool = new ConnectionPool({
    endpoint: endpointOf('http://127.0.0.1:9', 1000, undefined),
    clock: new LoadClock(),
    size: 1,
    maxSize: 1,
    opensPerSec: 1,
    onEnd: () => undefined,
    onFree: () => undefined,
  })
  const connection = pool.take()
  if (connection === undefined) throw new Error('the pool has one connection')
  connection.state = 'busy'
  // It was free for a moment, went down in it and was taken for the next request; only then comes its return.
  pool.giveBack(connection)
  expect(pool.take()).toBeUndefined()
  connection.state = 'down'
  pool.giveBack(connection)
  expect(pool.take()).toBe(connection)
})
