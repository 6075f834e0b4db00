import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { answer, answerOk, firstIndexes } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { planOf, totals } from '../../../fixtures/load/send-here.ts'
import { UsageError } from '../../core/errors.ts'
import type { LoadEvent } from '../engine.ts'
import { autocannonEngine } from './autocannon-engine.ts'

const serve = rawServers()

const quiet = { signal: new AbortController().signal, emit: () => undefined }

test('two processes send one sequence between them, and report as one', async () => {
  const server = await serve(({ socket, method, count }) => {
    if (count % 10 === 9) socket.end()
    else socket.write(answer(method === 'POST' ? 201 : 200))
  })
  const events: LoadEvent[] = []
  const plan = planOf(server.url, { model: { kind: 'peak' }, mix: 'both', workers: 2, maxRequests: 501 })
  const { accounting, tool, interrupted, created, connections, workers, lateness } = await autocannonEngine(
    { ...plan, stages: [{ seconds: 20, fromLevel: 1, toLevel: 1 }] },
    { ...quiet, emit: (event) => events.push(event) },
  )
  expect(server.indexes.toSorted((a, b) => a - b)).toEqual(firstIndexes(501))
  const { planned, sent, closed, 200: found = 0, 201: made = 0, ...rest } = totals({ accounting })
  expect({ planned, sent, closed, rest }).toEqual({ planned: 501, sent: 501, closed: 50, rest: {} })
  expect(found + made).toBe(451)
  expect(created).toEqual({ items: made })
  expect(tool).toEqual({ name: 'autocannon', version: '9.0.0' })
  expect({ interrupted, lateness, workers: workers.length }).toEqual({
    interrupted: false,
    lateness: null,
    workers: 2,
  })
  expect(connections).toMatchObject({ peak: 10 })
  const told = events.flatMap((event) => (event.kind === 'second' ? [event] : []))
  expect(told.reduce((sum, { sent: count }) => sum + count, 0)).toBe(501)
})

test('interrupted, it reports what was measured', async () => {
  const stopping = new AbortController()
  const server = await serve((request) => {
    answerOk(request)
    if (request.count === 200) stopping.abort()
  })
  const plan = planOf(server.url, { model: { kind: 'peak' }, connections: 1, workers: 2 })
  const { accounting, interrupted, seconds } = await autocannonEngine(
    { ...plan, stages: [{ seconds: 60, fromLevel: 1, toLevel: 1 }] },
    { ...quiet, signal: stopping.signal },
  )
  expect(interrupted).toBe(true)
  expect(seconds).toBeLessThan(60)
  const { planned } = totals({ accounting })
  expect(totals({ accounting })).toEqual({ planned, sent: planned, 200: planned })
  expect(server.requests).toHaveLength(planned!)
})

test('users think, as those of open do', async () => {
  const server = await serve()
  const plan = planOf(server.url, { model: { kind: 'closed-model', users: 3 }, connections: 3 })
  const { accounting, lateness } = await autocannonEngine(plan, quiet)
  const { planned = 0 } = totals({ accounting })
  expect(totals({ accounting })).toEqual({ planned, sent: planned, 200: planned })
  // Half a second of three users who think 20 to 60 ms.
  expect(planned).toBeLessThanOrEqual(3 * Math.ceil(500 / 20))
  expect(lateness).toBeNull()
})

test.each([
  ['throws', 'throwing.ts', 'of the profile cannot be sent: the profile throws: there is no 40th one'],
  [
    'gives what is no path',
    'bad-path.ts',
    '"/two words" is no path; use encodeURIComponent where it needs it',
  ],
  ['ends its process', 'exiting.ts', 'exiting.ts: a request ends the process (process.exit); take the call'],
])('a profile that %s ends the load', async (_, name, message) => {
  const server = await serve()
  const profilePath = fileURLToPath(new URL(`../../../fixtures/load/${name}`, import.meta.url))
  const plan = planOf(server.url, { model: { kind: 'peak' }, profilePath, workers: 2 })
  const failure = await autocannonEngine(plan, quiet).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(UsageError)
  expect(failure).toMatchObject({ message: expect.stringContaining(message) })
})
