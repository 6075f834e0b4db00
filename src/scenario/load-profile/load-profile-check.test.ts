import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../core/errors.ts'
import { checkProfile } from './load-profile-check.ts'
import type { LoadProfile, LoadRequest } from './load-profile.ts'
import { tryRequests } from './load-profile-trial.ts'

const list: LoadRequest = {
  id: 'list',
  title: 'a list',
  method: 'GET',
  path: ({ row }) => `/things?user=${row('users')['id']}`,
  status: 200,
}
const create: LoadRequest = {
  id: 'create',
  title: 'a thing',
  method: 'POST',
  path: () => '/things',
  body: ({ index, random }) => ({ index, random: random() }),
  status: 201,
  creates: 'things',
}
const valid = {
  title: 'things',
  why: 'a test',
  data: { file: 'things.data.json', tables: { users: { table: 'users', columns: ['id'], rows: 2 } } },
  requests: [list, create],
  mixes: { all: { list: 3, create: 1 } },
  thinkMs: { from: 1, to: 2 },
  stages: [{ seconds: 1, level: 1 }],
  thresholds: { http_req_duration: ['p(95)<200'], 'http_req_failed{op:list}': ['rate<0.01'] },
} satisfies LoadProfile

const refusal = (error: unknown): string =>
  error instanceof UsageError
    ? error.message
    : `not a UsageError: ${error instanceof Error ? error.stack : String(error)}`

const mistakesOf = (value: unknown): string => {
  try {
    checkProfile(value, './p.ts')
    return 'valid'
  } catch (error) {
    return refusal(error)
  }
}

describe('checkProfile', () => {
  test('a valid profile is returned as it is', () => {
    expect(checkProfile(valid, './p.ts')).toBe(valid)
  })

  test.each<readonly [string, object, string]>([
    [
      'no weight above 0',
      { mixes: { all: { list: 0 } } },
      'mixes.all: has no weight above 0, so nothing would be sent',
    ],
    ['an empty mix', { mixes: { all: {} } }, 'mixes.all: has no weight above 0'],
    ['no mix', { mixes: {} }, 'mixes: must hold at least one mix'],
    [
      'an unknown request',
      { mixes: { all: { lst: 1 } } },
      'mixes.all.lst: no request lst; did you mean list?',
    ],
    ['a negative weight', { mixes: { all: { list: -1 } } }, 'mixes.all.list: must be at least 0'],
    [
      'a weight that is text',
      { mixes: { all: { list: '3' } } },
      'mixes.all.list: must be number, not string',
    ],
    ['a weight without end', { mixes: { all: { list: Infinity } } }, 'mixes.all.list:'],
    [
      'a mix that is a list',
      { mixes: { all: ['list'] } },
      'mixes.all: must be weights of requests by their ids',
    ],
    ['a misspelt field', { requets: [] }, 'requets: unknown field; did you mean requests?'],
    ['a field that is missing', { mixes: undefined }, 'mixes: is missing'],
    ['a repeated id', { requests: [list, list, create] }, 'requests[1].id: list is taken by requests[0]'],
    [
      'a method in small letters',
      { requests: [{ ...list, method: 'get' }, create] },
      'requests[0].method: must be one of',
    ],
    [
      'a path that is text',
      { requests: [{ ...list, path: '/x' }, create] },
      'requests[0].path: must be a function',
    ],
    [
      'a GET with a body',
      { requests: [{ ...list, body: () => 1 }, create] },
      'requests[0].body: a GET has no body',
    ],
    [
      'a GET that creates',
      { requests: [{ ...list, creates: 'things' }, create] },
      'requests[0].creates: a GET creates',
    ],
    [
      'a misspelt field of a request',
      { requests: [{ ...list, stauts: 1 }, create] },
      'requests[0].stauts: unknown field; did you mean status?',
    ],
    [
      'a stage of no length',
      { stages: [{ seconds: 0, level: 1 }] },
      'stages[0].seconds: must be more than 0',
    ],
    ['a level above 1', { stages: [{ seconds: 1, level: 100 }] }, 'stages[0].level: must be at most 1'],
    ['no stages', { stages: [] }, 'stages: must hold at least one stage'],
    [
      'a longest stage of nothing',
      { stages: [{ seconds: 9, level: 0 }] },
      'stages[0].level: is 0 in the longest stage',
    ],
    ['thinking backwards', { thinkMs: { from: 2, to: 1 } }, 'thinkMs: from 2 is above to 1'],
    [
      'a mistyped expression',
      { thresholds: { http_req_duration: ['p95<200'] } },
      "thresholds: threshold 'http_req_duration': 'p95<200'",
    ],
    [
      'a mistyped metric',
      { thresholds: { http_req_durations: ['p(95)<200'] } },
      'did you mean http_req_duration?',
    ],
    [
      'a threshold on nothing',
      { thresholds: { 'http_req_duration{op:lst}': ['p(95)<200'] } },
      'no request lst; did you mean list?',
    ],
    [
      'a delay that is no duration',
      {
        thresholds: {
          http_req_duration: [{ threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '10 s' }],
        },
      },
      "thresholds['http_req_duration'][0].delayAbortEval: must be a duration such as '30s'",
    ],
    [
      'a misspelt field of the long form',
      { thresholds: { http_req_duration: [{ threshold: 'p(95)<200', abortOnfail: true }] } },
      "thresholds['http_req_duration'][0].abortOnfail: unknown field; did you mean abortOnFail?",
    ],
    [
      'a load that would end at its start',
      { thresholds: { http_reqs: [{ threshold: 'count>100', abortOnFail: true }] } },
      'abortOnFail would end every load at its start: http_reqs is known when the load has ended',
    ],
    [
      "a tag of the user's own script",
      { thresholds: { 'http_req_duration{page:home}': ['p(95)<200'] } },
      'no tag page: requests are told apart by op alone here, such as http_req_duration{op:list}',
    ],
    [
      'a threshold on a tag of k6',
      { thresholds: { 'http_req_duration{status:200}': ['p(95)<200'] } },
      "the tag status is k6's, and requests are told apart by op alone here",
    ],
    [
      'a threshold that is text',
      { thresholds: { http_req_duration: 'p(95)<200' } },
      "must be a list of texts, such as ['p(95)<200']",
    ],
  ])('%s is one line with its place', (_name, change, message) => {
    const found = mistakesOf({ ...valid, ...change })
    expect(found).toContain(message)
    expect(found).toMatch(/^\.\/p\.ts: /)
    expect(found).not.toContain('\n')
  })

  test('thresholds of the long form of k6 are valid', () => {
    const thresholds = {
      http_req_duration: [
        { threshold: 'p(95)<200', abortOnFail: true, delayAbortEval: '1m30s' },
        'p(99)<900',
      ],
      http_req_failed: [{ threshold: 'rate<0.01', abortOnFail: false }],
    }
    expect(mistakesOf({ ...valid, thresholds })).toBe('valid')
  })

  test('rows, thinking time and stages may be left out', () => {
    const { data: _data, thinkMs: _thinkMs, stages: _stages, ...least } = valid
    expect(mistakesOf(least)).toBe('valid')
  })

  test('several mistakes are reported at once', () => {
    const found = mistakesOf({ ...valid, mixes: { all: { lst: 0 } }, stages: [], thresholds: { x: ['y'] } })
    expect(found.split('\n')).toEqual([
      './p.ts: 4 mistakes',
      expect.stringContaining('stages'),
      expect.stringContaining('mixes.all.lst'),
      expect.stringContaining('mixes.all: has no weight'),
      expect.stringContaining("threshold 'x'"),
    ])
  })

  test('whatever is put into a profile, it is valid or a UsageError', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(valid)), fc.anything(), (field, value) => {
        expect(mistakesOf({ ...valid, [field]: value })).not.toContain('not a UsageError')
      }),
      { numRuns: 300 },
    )
    expect(mistakesOf(null)).toBe('./p.ts: default export: must be object, not null')
  })
})

describe('tryRequests', () => {
  const data = { users: [{ id: 'u1' }, { id: 'u2' }] }
  const tried = (change: Partial<LoadRequest>): Promise<string> => {
    const profile = { ...valid, requests: [list, { ...create, ...change }] }
    const loaded = { id: 'p', path: '/p.ts', shown: './p.ts', fileDigest: '', dataPath: '', profile }
    return tryRequests(loaded, data).then(() => 'fine', refusal)
  }

  test('a profile whose requests can be made is fine, and cannot lead the command into another folder', async () => {
    expect(await tried({})).toBe('fine')
    const folder = process.cwd()
    const path = (): string => {
      process.chdir('/')
      return '/things'
    }
    expect([await tried({ path }), process.cwd()]).toEqual(['fine', folder])
  })

  let calls = 0
  test.each<readonly [string, Partial<LoadRequest>, string]>([
    [
      'throws',
      {
        path: () => {
          throw new Error('no such luck')
        },
      },
      'requests[1]: throws for request 0: no such luck',
    ],
    [
      'draws from an unknown table',
      { path: ({ row }) => `/${row('usrs')['id']}` },
      'requests[1]: throws for request 0: no rows of usrs',
    ],
    [
      'has no slash',
      { path: () => 'things' },
      'requests[1].path: gave "things"; it must be a path from / on',
    ],
    ['has a blank', { path: () => '/a b' }, 'with encodeURIComponent where it needs it'],
    [
      'lacks a value',
      { path: ({ row }) => `/things/${row('users')['idd']}` },
      'gave /things/undefined: a value in it is missing',
    ],
    [
      'has no body in the end',
      { body: () => undefined as never },
      'requests[1].body: gave nothing that JSON can hold',
    ],
    [
      'depends on its calls',
      { path: () => `/things/${(calls += 1)}` },
      'gives another request for the same place',
    ],
  ])('a request that %s is one line', async (_name, change, message) => {
    const found = await tried(change)
    expect(found).toContain(`./p.ts: requests[1]`)
    expect(found).toContain(message)
    expect(found).not.toContain('\n')
  })
})
