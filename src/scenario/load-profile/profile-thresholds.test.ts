import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationSeconds } from './duration.ts'
import { listThresholds } from './profile-thresholds.ts'

test('thresholds come one by one, with the moment from which one may end the load', () => {
  expect(
    listThresholds({
      http_req_duration: ['p(95)<200', { threshold: 'p(99)<900', abortOnFail: true, delayAbortEval: '30s' }],
      http_req_failed: [{ threshold: 'rate<0.01', abortOnFail: true }, { threshold: 'rate<0.5' }],
    }),
  ).toEqual([
    { metric: 'http_req_duration', expression: 'p(95)<200' },
    { metric: 'http_req_duration', expression: 'p(99)<900', abortAfterSeconds: 30 },
    { metric: 'http_req_failed', expression: 'rate<0.01', abortAfterSeconds: 0 },
    { metric: 'http_req_failed', expression: 'rate<0.5' },
  ])
})

test.each([
  ['10s', 10],
  ['1m30s', 90],
  ['1h', 3600],
  ['1.5s', 1.5],
  ['500ms', 0.5],
  [2000, 2],
  [0, 0],
  ['', undefined],
  ['10', undefined],
  ['10 s', undefined],
  ['s10', undefined],
  [-1, undefined],
  [NaN, undefined],
  [null, undefined],
])('a delay of %j is %s seconds', (duration, seconds) => {
  expect(durationSeconds(duration)).toBe(seconds)
})

test('whatever stands there as a delay, it is a number of seconds or none', () => {
  fc.assert(
    fc.property(fc.anything(), (duration) => {
      const seconds = durationSeconds(duration)
      expect(seconds === undefined || seconds >= 0).toBe(true)
    }),
  )
})
