import { expect, test } from 'vitest'
import profile from '../../../fixtures/load/two-kinds.ts'
import type { LoadClock } from '../worker/load-clock.ts'
import { AutocannonSender } from './autocannon-sender.ts'
import { Feed } from './feed.ts'
import type { GuardedClient } from './guarded-client.ts'

test('a closed loop sends, even if the load begins while it looks whether it has begun', async () => {
  const planned = { index: 0, op: profile.requests[0]!.id, method: 'GET', path: '/', body: null } as const
  const feed = new Feed({ sequence: () => planned, first: 0, stride: 1, maxRequests: 8, times: null })
  for (let beforeStart = 0; beforeStart < 8; beforeStart++) {
    let left = beforeStart
    const clock = { nowNs: () => (left-- > 0 ? -1 : 1) } as unknown as LoadClock
    const options = { requests: profile.requests, feed, clock, timeoutMs: 1000, warmUpSeconds: 0 }
    const sender = new AutocannonSender(options)
    const sent = new Promise((resolve) => {
      sender.onFree({ state: 'idle', sinceNs: 0, send: resolve } as unknown as GuardedClient)
    })
    void sender.drive(1e9)
    expect(await sent).toEqual(planned)
    sender.stop(1)
  }
})
