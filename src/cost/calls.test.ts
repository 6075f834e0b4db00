import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../core/errors.ts'
import { mostCalls, parseCalls } from './calls.ts'

const every = (callsPerMonth: number) => ({ kind: 'every operation', callsPerMonth })

describe('parseCalls', () => {
  test.each([
    ['1.5M', 1_500_000],
    ['200k', 200_000],
    ['1e6', 1_000_000],
    ['1.1e6', 1_100_000],
    ['3B', 3_000_000_000],
    ['0', 0],
    ['1.0', 1],
    ['2.50', null],
    ['1T', 1e12],
  ])('reads %s', (text, calls) => {
    if (calls === null) expect(() => parseCalls(text)).toThrow('no whole number of calls')
    else expect(parseCalls(text)).toEqual(every(calls))
  })

  test('reads calls of each operation', () => {
    expect(parseCalls('Q1=3M, Q2=200k,insert-results=0')).toEqual({
      kind: 'by operation',
      callsPerMonth: new Map([
        ['Q1', 3_000_000],
        ['Q2', 200_000],
        ['insert-results', 0],
      ]),
    })
  })

  test.each([
    '',
    '-1',
    '1,5M',
    '1 M',
    '0x10',
    'Infinity',
    'NaN',
    '1e400',
    '99999T',
    'Q1',
    'Q1=',
    '=3',
    'Q1=1,Q1=2',
    'Q1=1=2',
    'Q1=1,',
    '1m',
    '1.5',
  ])('refuses «%s» in one line with the fix', (text) => {
    const refusal = (): unknown => parseCalls(text)
    expect(refusal).toThrow(UsageError)
    expect(refusal).toThrow(/^--calls [^\n]*; write calls a month of every operation, such as 1M[^\n]*$/)
  })

  test('reads back every number of calls, however it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 9 }), (digits, power) => {
        const calls = digits * 10 ** power
        expect(parseCalls(String(calls))).toEqual(every(calls))
        expect(parseCalls(`${digits}e${power}`)).toEqual(every(calls))
        const thousandths = `${Math.floor(digits / 1000)}.${String(digits % 1000).padStart(3, '0')}`
        expect(parseCalls(`${thousandths}k`)).toEqual(every(digits))
        expect(parseCalls(`${thousandths}e${power + 3}`)).toEqual(every(calls))
      }),
    )
  })

  test('a text from anywhere is a whole number of calls within bounds, or one line', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789.,=eEkMGBT+- Q\n')) }),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        try {
          const order = parseCalls(text)
          const calls =
            order.kind === 'every operation' ? [order.callsPerMonth] : [...order.callsPerMonth.values()]
          expect(calls.every((each) => Number.isSafeInteger(each) && each >= 0 && each <= mostCalls)).toBe(
            true,
          )
        } catch (error) {
          expect(error).toMatchObject({ code: 'CALLS_INVALID', exit: 2 })
        }
      }),
    )
  })
})
