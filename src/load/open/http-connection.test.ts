import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { answer, answerOk, firstIndexes, type RawAnswer } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { planOf, sendHere, totals } from '../../../fixtures/load/send-here.ts'

const serve = rawServers()

const later =
  (ms: number, then: RawAnswer): RawAnswer =>
  (request) =>
    void setTimeout(() => then(request), ms)

describe('connections', () => {
  test('take turns and are held to the end', async () => {
    const server = await serve()
    const sent = await sendHere(planOf(server.url, { connections: 50 }))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 200 })
    expect(sent.connections).toEqual({ opened: 50, reopened: 0, peak: 50 })
    const uses = new Map<number, number>()
    for (const { connection } of server.requests) uses.set(connection, (uses.get(connection) ?? 0) + 1)
    expect(uses.size).toBe(50)
    // Four each; on a busy machine, those that are free come sooner again.
    expect(Math.max(...uses.values())).toBeLessThan(20)
  })

  test('come in a ramp: 1,000 at 4,000 a second are there, used and without a failure', async () => {
    const server = await serve()
    const sent = await sendHere(
      planOf(server.url, {
        connections: 1000,
        connectRatePerSec: 4000,
        model: { kind: 'open-model', ratePerSec: 2000, spacing: 'uniform' },
      }),
    )
    expect(totals(sent)).toEqual({ planned: 1000, sent: 1000, 200: 1000 })
    expect(sent.connections).toEqual({ opened: 1000, reopened: 0, peak: 1000 })
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(1000)
  })

  test.each([
    ['after a pause', (request) => void (answerOk(request), setTimeout(() => request.socket.end(), 15))],
    ['after every answer, as it says', ({ socket }) => socket.end(answer(200, '{}', ['connection: close']))],
    ['after every answer, without notice', ({ socket }) => socket.end(answer(200))],
  ] satisfies [string, RawAnswer][])(
    'that the server closes %s are opened again, and no request is sent twice or forgotten',
    async (_, close) => {
      const server = await serve(close)
      const sent = await sendHere(planOf(server.url, { connections: 20 }))
      // A request that crosses the end of its connection on the way has no answer: that is no fault of the count.
      const { planned, sent: left, 200: answered = 0, closed = 0 } = totals(sent)
      expect([planned, left, answered + closed]).toEqual([200, 200, 200])
      expect(answered).toBeGreaterThan(closed)
      expect(server.indexes.toSorted((a, b) => a - b)).toEqual(firstIndexes(200))
      expect(sent.connections.reopened).toBeGreaterThan(20)
      expect(sent.connections.opened).toBe(20 + sent.connections.reopened)
    },
  )

  test('that end just when a request comes: it is closed, and the server saw it once', async () => {
    let cut = 0
    const used = new Set<number>()
    const server = await serve((request) => {
      if (!used.has(request.connection)) answerOk(request)
      else {
        cut += 1
        request.socket.destroy()
      }
      used.add(request.connection)
    })
    const sent = await sendHere(planOf(server.url))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 200 - cut, closed: cut })
    expect(cut).toBeGreaterThan(80)
    expect(new Set(server.indexes).size).toBe(200)
  })

  test("are renewed before a server's own limit of idle time, which would cut requests off", async () => {
    const server = createServer({ keepAliveTimeout: 1200 }, (_, response) => response.end('{}'))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const address = server.address() as { port: number }
    const sent = await sendHere(
      planOf(`http://127.0.0.1:${address.port}`, {
        connections: 4,
        stages: [{ seconds: 1.5, fromLevel: 1, toLevel: 1 }],
        model: { kind: 'open-model', ratePerSec: 10, spacing: 'uniform' },
      }),
    )
    server.close()
    expect(totals(sent)).toEqual({ planned: 15, sent: 15, 200: 15 })
    expect(sent.connections.reopened).toBeGreaterThan(0)
  })

  test('are found by name, over IPv4 or IPv6', async () => {
    const server = await serve()
    const sent = await sendHere(planOf(`http://localhost:${server.port}`))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 200 })
  })
})

describe('requests that find every connection busy', () => {
  test('wait in order, and the wait is in their response time but not in their service time', async () => {
    const server = await serve(later(20, answerOk))
    const sent = await sendHere(planOf(server.url, { connections: 4 }))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 200 })
    expect(server.indexes).toEqual(server.indexes.toSorted((a, b) => a - b))
    expect(server.connections).toBe(4)
    // Four connections and 20 ms make 200 a second at most, and 400 came.
    expect(sent.waited.requests).toBeGreaterThan(100)
    expect(sent.waited.longestNs).toBeGreaterThan(250e6)
  })
})

test('the token goes with every request, and nowhere else', async () => {
  const server = await serve()
  process.env['TOKEN_OF_TEST'] = 'top-secret'
  const sent = await sendHere(planOf(server.url, { tokenEnv: 'TOKEN_OF_TEST' }))
  delete process.env['TOKEN_OF_TEST']
  expect(server.requests.every(({ headers }) => headers['authorization'] === 'Bearer top-secret')).toBe(true)
  expect(JSON.stringify(sent)).not.toContain('top-secret')
})
