import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../core/errors.ts'
import { holds, parseThreshold, type Threshold } from './threshold.ts'

const ops = ['list', 'create']
const parse = (metric: string, expression: string): Threshold =>
  parseThreshold(metric, expression, { place: 'my-profile.ts', ops })

function refusal(metric: string, expression: string): string {
  try {
    parse(metric, expression)
  } catch (error) {
    expect(error).toMatchObject({ code: 'THRESHOLD_INVALID', exit: 2 })
    return (error as UsageError).message
  }
  return 'accepted'
}

describe('parseThreshold reads', () => {
  test.each([
    ['http_req_duration', 'p(95)<200', { op: null, aggregation: { kind: 'p', percent: 95 }, bound: 200 }],
    ['http_req_duration{op:list}', 'med <= 20.5', { op: 'list', aggregation: { kind: 'med' }, bound: 20.5 }],
    ['http_req_duration{op:list,window:10s}', 'p(99.9)<1e3', { windowSeconds: 10, bound: 1000 }],
    ['http_req_duration { "op" : "list" }'.replaceAll('"op"', 'op'), 'max<1', { op: 'list' }],
    ["http_req_duration{window:5s, op:'create'}", 'avg<1', { op: 'create', windowSeconds: 5 }],
    ['service_time', 'min>=0', { metric: 'service_time', operator: '>=', unit: 'ms' }],
    ['http_req_failed', 'rate<0.001', { bound: 0.001, unit: 'share' }],
    ['http_reqs', 'count>100', { unit: 'count' }],
    ['http_reqs', 'rate>490', { unit: 'per second' }],
    ['iterations{op:create}', 'count!=0', { operator: '!=' }],
    ['dropped_iterations', 'count===0', { operator: '===' }],
  ])('%s %s', (metric, expression, parts) => {
    expect(parse(metric, expression)).toMatchObject(parts)
  })

  test('again what it has read', () => {
    const threshold = fc.record({
      metric: fc.constantFrom('http_req_duration', 'service_time'),
      op: fc.constantFrom(null, ...ops),
      window: fc.option(fc.integer({ min: 1, max: 600 })),
      percent: fc.integer({ min: 1, max: 1000 }).map((tenths) => tenths / 10),
      operator: fc.constantFrom('<', '<=', '>', '>=', '==', '===', '!='),
      bound: fc.double({ min: 0, max: 1e6, noNaN: true }),
      space: fc.constantFrom('', ' '),
    })
    fc.assert(
      fc.property(threshold, ({ metric, op, window, percent, operator, bound, space }) => {
        const tags = [...(op === null ? [] : [`op:${op}`]), ...(window === null ? [] : [`window:${window}s`])]
        const selector = tags.length === 0 ? '' : `{${tags.join(`,${space}`)}}`
        expect(parse(`${metric}${selector}`, `p(${percent})${space}${operator}${space}${bound}`)).toEqual({
          metric,
          op,
          windowSeconds: window,
          aggregation: { kind: 'p', percent },
          operator,
          bound,
          unit: 'ms',
        })
      }),
    )
  })

  test('any operation where they are not known', () => {
    expect(parseThreshold('http_reqs{op:other}', 'count>1', { place: 'x' }).op).toBe('other')
  })
})

describe('parseThreshold refuses', () => {
  test.each([
    ['http_req_duratoin', 'p(95)<200', 'no metric http_req_duratoin; did you mean http_req_duration?'],
    ['http_req_duration{op:lst}', 'p(95)<200', 'no request lst; did you mean list?'],
    ['http_req_duration{oop:list}', 'p(95)<200', 'no tag oop; did you mean op?'],
    ['http_req_duration{op:list,op:create}', 'p(95)<200', 'the tag op stands twice'],
    ['http_req_duration{op}', 'p(95)<200', '«op» is no tag:value'],
    ['http_req_duration{}', 'p(95)<200', 'no tag:value'],
    ['http_req_duration{op:list', 'p(95)<200', 'the metric is a name'],
    ['http_req_duration{window:10}', 'p(95)<200', 'window:10 is no whole number of seconds'],
    ['http_req_duration{window:0s}', 'p(95)<200', 'window:0s is no whole number'],
    ['http_req_duration{window:1.5s}', 'p(95)<200', 'window:1.5s is no whole number'],
    ['http_req_duration{expected_response:true}', 'p(95)<200', 'no tag expected_response is needed'],
    ['dropped_iterations{window:10s}', 'count==0', 'not known per window'],
    ['http_req_duration', 'p(101)<200', 'p(101) is no percentile'],
    ['http_req_duration', 'p(0)<200', 'p(0) is no percentile'],
    ['http_req_duration', 'p95<200', 'has no «p95»; did you mean p(95)?'],
    ['http_req_duration', 'rate<200', 'http_req_duration has no «rate»'],
    ['http_req_failed', 'p(95)<1', 'http_req_failed has no «p(95)»; did you mean rate?'],
    ['http_req_failed', 'rate<5', '5 is no share from 0 to 1; 5 % is 0.05'],
    ['http_req_duration', 'p(95)<200ms', '«200ms» is no bound; it is a number of milliseconds'],
    ['http_req_duration', 'p(95)<-1', '«-1» is no bound'],
    ['http_req_duration', 'p(95)<', '«» is no bound'],
    ['http_req_duration', 'p(95)=<200', 'no operator =<'],
    ['http_req_duration', 'p(95)', 'not an aggregation, an operator and a number'],
    ['http_req_duration', '100<p(95)<200', 'not an aggregation'],
    ['http_req_duration', 'p(95)<1e999', 'too large'],
    ['vus', 'value<10', 'no metric vus'],
  ])('%s %s', (metric, expression, why) => {
    const message = refusal(metric, expression)
    expect(message).toContain(why)
    expect(message).toMatch(/^my-profile\.ts: threshold '[^\n]+$/)
  })

  test('whatever else there is, and throws nothing but that', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (metric, expression) => {
        expect(() => parse(metric, expression)).toThrow(UsageError)
      }),
    )
  })
})

describe('holds', () => {
  test.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
    ['==', [false, true, false]],
    ['===', [false, true, false]],
    ['!=', [true, false, true]],
  ] as const)('below, at and above the bound of %s', (operator, expected) => {
    expect([199, 200, 201].map((value) => holds({ operator, bound: 200 }, value))).toEqual(expected)
  })
})
