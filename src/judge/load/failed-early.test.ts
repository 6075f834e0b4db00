import { expect, test } from 'vitest'
import { RequestLog } from '../../load/worker/request-log.ts'
import { failedEarly, type UnfinishedLoad } from './failed-early.ts'

/** Requests of the seconds from 2 on that took so many milliseconds, 100 a second; those before are warm-up. */
function soFar(toSecond: number, ms: (second: number, i: number) => number): UnfinishedLoad {
  const log = new RequestLog(2)
  for (let second = 0; second < toSecond; second++) {
    for (let i = 0; i < 100; i++) {
      const ns = ms(second, i) * 1e6
      const answered = { ending: 'answered', status: 200, isExpected: true } as const
      log.add({ op: 'list', ...answered, second, serviceNs: ns, responseNs: ns })
    }
  }
  return { slices: log.slices(), neverSent: 0, fromSecond: 2, toSecond }
}

const p95 = (abortAfterSeconds?: number) => ({
  metric: 'http_req_duration',
  expression: 'p(95)<200',
  ...(abortAfterSeconds === undefined ? {} : { abortAfterSeconds }),
})
const slow = () => 300
const close = (_second: number, i: number) => (i < 94 ? 100 : 201)

test('a threshold that significantly fails ends the load, by what has been measured so far', () => {
  expect(failedEarly([p95(0)], soFar(6, slow))).toEqual(p95(0))
})

test('one that holds, that says nothing of abortOnFail, or whose interval holds the limit, does not', () => {
  expect(
    failedEarly(
      [p95(0)],
      soFar(6, () => 100),
    ),
  ).toBeUndefined()
  expect(failedEarly([p95()], soFar(6, slow))).toBeUndefined()
  expect(failedEarly([p95(0)], soFar(6, close))).toBeUndefined()
})

test('the warm-up, seconds that are not over and the time before delayAbortEval do not count', () => {
  expect(failedEarly([p95(0)], soFar(2, slow))).toBeUndefined()
  expect(
    failedEarly(
      [p95(0)],
      soFar(6, (second) => (second < 2 ? 300 : 100)),
    ),
  ).toBeUndefined()
  const unfinished = { ...soFar(7, (second) => (second < 6 ? 100 : 9000)), toSecond: 6 }
  expect(failedEarly([p95(0)], unfinished)).toBeUndefined()
  expect(failedEarly([p95(7)], soFar(6, slow))).toBeUndefined()
  expect(failedEarly([p95(6)], soFar(6, slow))).toEqual(p95(6))
})

test('one window that fails is enough', () => {
  const window = { ...p95(0), metric: 'http_req_duration{window:3s}' }
  const stalled = soFar(40, (second) => (second >= 20 && second < 24 ? 900 : 5))
  expect(failedEarly([window], stalled)).toEqual(window)
  expect(
    failedEarly(
      [p95(0)],
      soFar(60, (second) => (second === 20 ? 900 : 5)),
    ),
  ).toBeUndefined()
})

test('requests that were dropped count where the tool tells of them', () => {
  const dropped = { metric: 'dropped_iterations', expression: 'count<10', abortAfterSeconds: 0 }
  expect(failedEarly([dropped], { ...soFar(4, slow), neverSent: 9 })).toBeUndefined()
  expect(failedEarly([dropped], { ...soFar(4, slow), neverSent: 10 })).toEqual(dropped)
})
