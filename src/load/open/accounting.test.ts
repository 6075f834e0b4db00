import { describe, expect, test } from 'vitest'
import { answer, every, firstIndexes, type RawAnswer } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { planOf, sendHere, totals } from '../../../fixtures/load/send-here.ts'
import { decodeLatencies, latencyQuantileNs } from '../../stats/latency-counts.ts'

const serve = rawServers()

describe('every planned request ends in one column of the accounting', () => {
  test('answered: by its status, and the server saw each request once, as it stands in the sequence', async () => {
    const server = await serve(({ socket, method }) => {
      socket.write(answer(method === 'POST' ? 201 : 200))
    })
    const sent = await sendHere(planOf(server.url, { mix: 'both' }))
    expect(totals(sent)).toEqual({
      planned: 200,
      sent: 200,
      200: expect.any(Number),
      201: expect.any(Number),
    })
    expect(server.indexes.toSorted((a, b) => a - b)).toEqual(firstIndexes(200))
    const creations = server.requests.filter(({ method }) => method === 'POST')
    expect(sent.created).toEqual({ items: creations.length })
    for (const { index, body, headers } of creations) {
      expect(JSON.parse(Buffer.from(body, 'latin1').toString())).toEqual({ title: `number ${index}, naïve` })
      expect(headers['content-type']).toBe('application/json')
    }
    for (const { index, path, method } of server.requests) {
      if (method === 'GET') expect(path).toBe(`/items?at=${index}`)
    }
    expect(sent.slices.reduce((sum, { requests, failed }) => sum + requests - failed, 0)).toBe(200)
  })

  test('answered otherwise than the profile says: failed, by its status', async () => {
    const server = await serve(every(4, ({ socket }) => void socket.write(answer(503))))
    const sent = await sendHere(planOf(server.url))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 150, 503: 50 })
    expect(sent.slices.reduce((sum, { failed }) => sum + failed, 0)).toBe(50)
  })

  test('a web page where an API should answer is a failure, whatever its status', async () => {
    const page = 'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\n\r\n<p/>'
    const server = await serve(every(2, ({ socket }) => void socket.write(page)))
    const sent = await sendHere(planOf(server.url))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 200 })
    expect(sent.slices.reduce((sum, { failed }) => sum + failed, 0)).toBe(100)
  })

  test.each([
    ['without a word', ({ socket }) => socket.end()],
    ['by a reset', ({ socket }) => socket.resetAndDestroy()],
    ['in the middle of the head', ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-')],
    ['in the middle of the body', ({ socket }) => socket.end(answer(200, '{"a":1}').slice(0, -3))],
    [
      'in the middle of a body in chunks',
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a"'),
    ],
    [
      'in the middle of a body after which it meant to close',
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\n{"a"'),
    ],
  ] satisfies [string, RawAnswer][])('closed %s: exactly those, none sent again', async (_, close) => {
    const server = await serve(every(10, close))
    const sent = await sendHere(planOf(server.url, { mix: 'both' }))
    const { planned, closed, sent: left, ...rest } = totals(sent)
    expect({ planned, left, closed }).toEqual({ planned: 200, left: 200, closed: 20 })
    expect(rest).toEqual({ 200: 180 })
    expect(server.requests).toHaveLength(200)
    expect(new Set(server.indexes).size).toBe(200)
  })

  test.each([
    ['no HTTP', '220 smtp.example ready\r\n'],
    ['broken off by nonsense', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nXX\r\n'],
    ['an upgrade that nobody asked for', 'HTTP/1.1 101 Fine\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(300_000)}\r\n\r\n`],
  ])('broken: %s', async (_, nonsense) => {
    const server = await serve(every(10, ({ socket }) => void socket.write(nonsense)))
    const sent = await sendHere(planOf(server.url))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 180, broken: 20 })
  })

  test('timed out: counted at the timeout, with the timeout as latency, on a connection of their own', async () => {
    const server = await serve(every(20, () => undefined))
    const sent = await sendHere(planOf(server.url, { timeoutMs: 1500 }))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 190, timedOut: 10 })
    const latencies = sent.slices.map(({ failures }) => decodeLatencies(failures!.service))
    expect(latencies.reduce((sum, { samples }) => sum + samples, 0)).toBe(10)
    for (const each of latencies) {
      expect(latencyQuantileNs(each, 0)).toBeGreaterThan(750e6)
    }
    // How many are opened again depends on how many were free when the next request was due.
    expect(sent.connections.reopened).toBeGreaterThan(0)
  })

  test('refused: nobody listens; the schedule is kept and the run ends by itself', async () => {
    const server = await serve()
    await server.kill()
    const sent = await sendHere(planOf(server.url.replace(/:0$/, ':1')))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, refused: 200 })
    expect(sent.connections).toEqual({ opened: 0, reopened: 0, peak: 0 })
    expect(Object.keys(sent.connectFailures)).toEqual(['ECONNREFUSED'])
    expect(sent.connectFailures['ECONNREFUSED']).toBeGreaterThanOrEqual(200)
  })

  test('never sent: what found no free connection until long after the end', async () => {
    const server = await serve(() => undefined)
    const sent = await sendHere(planOf(server.url, { connections: 3, timeoutMs: 700 }))
    const { planned, timedOut = 0, neverSent = 0, sent: left } = totals(sent)
    expect(planned).toBe(200)
    expect(left).toBe(timedOut)
    expect(timedOut + neverSent).toBe(200)
    expect(server.requests).toHaveLength(timedOut)
    expect(neverSent).toBeGreaterThan(100)
  })
})
