import { describe, expect, test } from 'vitest'
import { answerOk, every, firstIndexes } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { sendAutocannon } from '../../../fixtures/load/send-autocannon.ts'
import { totals } from '../../../fixtures/load/send-here.ts'

const serve = rawServers()

describe.concurrent('arrivals', () => {
  const arrivals = {
    model: { kind: 'open-model', ratePerSec: 300, spacing: 'uniform' },
    stages: [{ seconds: 1, fromLevel: 1, toLevel: 1 }],
    maxRequests: 100_000,
  } as const

  test('come at their time over connections that do not depend on the rate', async () => {
    const server = await serve()
    const sent = await sendAutocannon(server.url, { ...arrivals, connections: 40 })
    expect(totals(sent)).toEqual({ planned: 300, sent: 300, 200: 300 })
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(40)
    expect(server.indexes.toSorted((a, b) => a - b)).toEqual(firstIndexes(300))
    expect(sent.lateness?.samples).toBe(300)
    expect(sent.drivenNs).toBe(1e9)
  })

  test('a ramp sends what the stages ask for', async () => {
    const server = await serve()
    const stages = [
      { seconds: 0.5, fromLevel: 0, toLevel: 1 },
      { seconds: 0.5, fromLevel: 1, toLevel: 1 },
    ]
    const sent = await sendAutocannon(server.url, { ...arrivals, stages })
    expect(totals(sent)).toEqual({ planned: 225, sent: 225, 200: 225 })
  })

  test('lost requests are counted, and those after them come at their time', async () => {
    const server = await serve(every(10, ({ socket }) => socket.end()))
    const sent = await sendAutocannon(server.url, arrivals)
    expect(totals(sent)).toEqual({ planned: 300, sent: 300, 200: 270, closed: 30 })
  })

  test('what a stalled server keeps from being sent is in the response times, or never sent', async () => {
    const server = await serve(() => undefined)
    const sent = await sendAutocannon(server.url, { ...arrivals, connections: 3, timeoutMs: 400 })
    const { planned, timedOut = 0, neverSent = 0 } = totals(sent)
    expect(planned).toBe(300)
    expect(timedOut + neverSent).toBe(300)
    expect(server.requests).toHaveLength(timedOut)
    expect(neverSent).toBeGreaterThan(200)
    expect(sent.waited.requests).toBeGreaterThan(0)
  })
})

describe.concurrent('a server that is gone', () => {
  test('ends a closed loop by itself, every request accounted for', async () => {
    const server = await serve((request) => {
      if (request.count < 300) answerOk(request)
      else if (request.count === 300) void server.kill()
    })
    const stages = [{ seconds: 100, fromLevel: 1, toLevel: 1 }]
    const sent = await sendAutocannon(server.url, { stages, maxRequests: 1_000_000 })
    const { planned, sent: left, closed = 0, refused = 0, 200: answered = 0, ...rest } = totals(sent)
    expect(rest).toEqual({})
    expect(planned).toBe(left)
    expect(answered + closed + refused).toBe(planned)
    expect(closed).toBeGreaterThan(0)
    expect(closed).toBeLessThanOrEqual(10)
    expect(refused).toBeGreaterThan(10)
    expect(sent.drivenNs).toBeLessThan(100e9)
    expect(sent).toMatchObject({ gaveUp: true, connectFailures: { ECONNREFUSED: expect.any(Number) } })
  })

  test('costs arrivals: those due are refused, and the rest is never sent', async () => {
    const server = await serve()
    await server.kill()
    const sent = await sendAutocannon(server.url.replace(/:0$/, ':1'), {
      model: { kind: 'open-model', ratePerSec: 20, spacing: 'uniform' },
      maxRequests: 100_000,
    })
    const { planned, refused = 0, neverSent = 0 } = totals(sent)
    expect(planned).toBe(400)
    expect(refused + neverSent).toBe(400)
    expect(refused).toBeGreaterThan(20)
    expect(neverSent).toBeGreaterThan(200)
  })
})

test('stopped, it sends nothing new and waits for what is under way', async () => {
  const stopping = new AbortController()
  const server = await serve((request) => {
    if (request.count < 100) answerOk(request)
    else if (request.count === 100) stopping.abort()
    if (request.count >= 100) setTimeout(() => answerOk(request), 100)
  })
  const sent = await sendAutocannon(server.url, { maxRequests: 1_000_000 }, stopping.signal)
  const { planned, 200: answered, ...rest } = totals(sent)
  expect(rest).toEqual({ sent: planned })
  expect(answered).toBe(planned)
  expect(server.requests).toHaveLength(planned!)
  expect(planned).toBeLessThan(125)
})
