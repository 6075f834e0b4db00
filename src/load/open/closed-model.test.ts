import { describe, expect, test } from 'vitest'
import { answer, answerOk, firstIndexes, type RawAnswer } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { planOf, sendHere, totals } from '../../../fixtures/load/send-here.ts'

const serve = rawServers()

/** The most requests that were under way at once, by the server's count. */
function crowdedServer(ms: number): { readonly onRequest: RawAnswer; most: number } {
  let now = 0
  const seen = {
    most: 0,
    onRequest: (request: Parameters<RawAnswer>[0]) => {
      now += 1
      seen.most = Math.max(seen.most, now)
      setTimeout(() => {
        now -= 1
        answerOk(request)
      }, ms)
    },
  }
  return seen
}

describe('users', () => {
  test('have one request under way at most, think in between, and go through the sequence from its start', async () => {
    const crowd = crowdedServer(5)
    const server = await serve(crowd.onRequest)
    const sent = await sendHere(planOf(server.url, { model: { kind: 'closed-model', users: 6 } }))
    expect(crowd.most).toBeLessThanOrEqual(6)
    const { planned, ...rest } = totals(sent)
    expect(rest).toEqual({ sent: planned, 200: planned })
    // Half a second of six users who think 20 to 60 ms: 75 requests at the very most.
    expect(planned).toBeGreaterThan(6)
    expect(planned).toBeLessThanOrEqual(6 * Math.ceil(500 / 25))
    expect(Math.max(...server.indexes)).toBeLessThan(server.requests.length + 6)
    expect(sent.lateness).toBeNull()
    expect(sent.slices.every(({ response }) => response === null)).toBe(true)
  })

  test('come and go with the stages', async () => {
    const server = await serve()
    const stages = [
      { seconds: 2, fromLevel: 0, toLevel: 0 },
      { seconds: 0.3, fromLevel: 1, toLevel: 1 },
      { seconds: 2, fromLevel: 0, toLevel: 0 },
    ]
    const sent = await sendHere(planOf(server.url, { model: { kind: 'closed-model', users: 5 }, stages }))
    expect(totals(sent)['planned']).toBeGreaterThan(4)
    // Five users who think 20 to 60 ms, for 0.3 s. Two seconds more of them would be another hundred at least.
    expect(totals(sent)['planned']).toBeLessThanOrEqual(5 * Math.ceil(300 / 20))
  })
})

describe('peak', () => {
  test('keeps every connection busy without a pause, within the requests allowed', async () => {
    const crowd = crowdedServer(2)
    const server = await serve(crowd.onRequest)
    const sent = await sendHere(
      planOf(server.url, {
        model: { kind: 'peak' },
        connections: 4,
        maxRequests: 150,
        stages: [{ seconds: 60, fromLevel: 1, toLevel: 1 }],
      }),
    )
    expect(totals(sent)).toEqual({ planned: 150, sent: 150, 200: 150 })
    expect(crowd.most).toBe(4)
    expect(server.indexes.toSorted((a, b) => a - b)).toEqual(firstIndexes(150))
    expect(sent.drivenNs).toBeLessThan(60e9)
  })

  test('loses next to nothing to a server that closes behind every seventh answer, without a word', async () => {
    const answers = new Map<number, number>()
    const server = await serve(({ socket, connection }) => {
      const count = (answers.get(connection) ?? 0) + 1
      answers.set(connection, count)
      if (count < 7) socket.write(answer(200))
      else socket.end(answer(200))
    })
    const stages = [{ seconds: 60, fromLevel: 1, toLevel: 1 }]
    const plan = planOf(server.url, { model: { kind: 'peak' }, connections: 4, maxRequests: 200, stages })
    const { 200: answered = 0, closed = 0, ...rest } = totals(await sendHere(plan))
    expect(rest).toEqual({ planned: 200, sent: 200 })
    expect(answered + closed).toBe(200)
    // As in the test of autocannon: one that does not wait for the end loses 14 of 200.
    expect(closed).toBeLessThanOrEqual(4)
  })

  test('does not storm a server that is gone', async () => {
    const sent = await sendHere(planOf('http://127.0.0.1:1', { model: { kind: 'peak' }, connections: 4 }))
    const { planned, refused } = totals(sent)
    expect(refused).toBe(planned)
    expect(planned).toBeLessThanOrEqual(4 * 11)
  })
})
