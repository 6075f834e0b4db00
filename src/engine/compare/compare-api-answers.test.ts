import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answer, type RawServer } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import profile from '../../../fixtures/load/two-kinds.ts'
import { compareApiAnswers, differenceOf } from './compare-api-answers.ts'

describe('differenceOf', () => {
  test('equal values do not differ, whatever they are and in whatever order their fields stand', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(differenceOf(value, structuredClone(value), '')).toBeUndefined()
      }),
    )
    expect(differenceOf({ a: 1, b: [2] }, { b: [2], a: 1 }, '')).toBeUndefined()
  })

  test('sums may differ by what their order makes of them, and no more', () => {
    expect(differenceOf(0.1 + 0.2, 0.3, '')).toBeUndefined()
    expect(differenceOf({ mean: 0.51 }, { mean: 0.510001 }, '')).toBe('mean: 0.510001 for 0.51')
  })

  test.each([
    [{ items: [1, 2] }, { items: [1] }, 'items: 1 items for 2'],
    [{ items: [{ id: 'x' }] }, { items: [{ id: 'y' }] }, 'items.0.id: "y" for "x"'],
    [{ a: null }, {}, 'a: nothing for null'],
    [{ a: 1 }, { a: '1' }, 'a: "1" for 1'],
    [[], {}, 'value: {} for []'],
  ])('%j and %j differ: %s', (a, b, text) => {
    expect(differenceOf(a, b, '')).toBe(text)
  })
})

describe('compareApiAnswers', () => {
  const start = rawServers()
  const serve = (status: number, body: string): Promise<RawServer> =>
    start(({ socket }) => void socket.write(answer(status, body)))

  const requests = [
    { index: 0, op: 'list', method: 'GET', path: '/items?at=0', body: null },
    { index: 1, op: 'create', method: 'POST', path: '/items', body: '{}' },
    { index: 2, op: 'list', method: 'GET', path: '/items?at=2', body: null },
  ] as const
  const { signal } = new AbortController()
  const compare = (one: RawServer, two: RawServer): Promise<number> =>
    compareApiAnswers(
      [
        { id: 'baseline', url: one.url },
        { id: 'composite', url: two.url },
      ],
      requests,
      profile.requests,
      signal,
    )

  test('counts the reads that were answered alike, and sends no writes', async () => {
    const [one, two] = [await serve(200, '{"items":[]}'), await serve(200, '{ "items": [] }')]
    expect(await compare(one, two)).toBe(2)
    expect([...one.requests, ...two.requests].map(({ method }) => method)).toEqual([
      'GET',
      'GET',
      'GET',
      'GET',
    ])
  })

  test('another answer ends the comparison, with the request and the place', async () => {
    const failure = await compare(await serve(200, '{"items":[1]}'), await serve(200, '{"items":[2]}')).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({
      code: 'ANSWERS_DIFFER',
      exit: 4,
      message:
        'list: GET /items?at=0 is answered otherwise on composite than on baseline (items.0: 2 for 1); nothing was timed',
    })
  })

  test('the same error from all of them is no answer', async () => {
    const failure = await compare(await serve(404, '{}'), await serve(404, '{}')).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: 'ANSWER_UNEXPECTED', exit: 4 })
  })
})
