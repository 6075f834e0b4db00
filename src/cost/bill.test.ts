import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { marginalCost, planBill, rowsPerMonth, sumOfUsages, type Usage } from './bill.ts'
import { femtoUsd, formatUsd, formatUsdDelta, roundedCents, type FemtoUsd } from './money.ts'
import { isPriced, type PricedPlan, type PricePlan } from './price-table.ts'
import { readPriceTable } from './read-price-table.ts'

const prices = await readPriceTable()
const plan = (name: string): PricePlan => {
  const found = prices.plans.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no plan ${name}`)
  return found
}
const developer = plan('Developer')
if (!isPriced(developer)) throw new Error('Developer has prices')

const usage = (rowsRead: number, rowsWritten = 0, bytes = 0): Usage => ({
  rowsRead: BigInt(rowsRead),
  rowsWritten: BigInt(rowsWritten),
  bytes: BigInt(bytes),
})

const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 15n })
const anyUsage: fc.Arbitrary<Usage> = fc.record({
  rowsRead: anyAmount,
  rowsWritten: anyAmount,
  bytes: anyAmount,
})
const anyPrice = fc.integer({ min: 0, max: 1e9 }).map((micro) => micro / 1e6)
const included = fc.integer({ min: 0, max: 1e12 })
const anyPlan: fc.Arbitrary<PricedPlan> = fc.record({
  name: fc.constant('any'),
  usdPerMonth: anyPrice,
  includedRowsRead: included,
  includedRowsWritten: included,
  includedBytes: included,
  usdPerBillionRowsRead: anyPrice,
  usdPerMillionRowsWritten: anyPrice,
  usdPerGb: anyPrice,
})
const billOf = (of: Usage, by: PricePlan): FemtoUsd => planBill(of, by) ?? -1n

describe('a bill', () => {
  test('beyond the included amounts is exact to the cent', () => {
    const cost = marginalCost(usage(1_234_567_890, 50_500_000, 2_000_000_000), developer)
    // 1.23456789 + 50.5 + 1.5
    expect(cost).toBe(53_234_567_890_000_000n)
    expect(formatUsd(cost)).toBe('$53.23')
  })

  test('of a plan is its fee until the included amounts are used up, and then the fee and what lies beyond', () => {
    expect(planBill(usage(2_500_000_000, 25_000_000, 9e9), developer)).toBe(femtoUsd(4.99))
    expect(formatUsd(planBill(usage(4_500_000_000), developer) ?? 0n)).toBe('$6.99')
    expect(planBill(usage(0), plan('Free'))).toBe(0n)
  })

  test('that needs a price which the table lacks is not known, and known where it does not', () => {
    expect(planBill(usage(99_000_000_000), plan('Scaler'))).toBe(femtoUsd(24.92))
    expect(planBill(usage(101_000_000_000), plan('Scaler'))).toBeUndefined()
    expect(planBill(usage(0, 0, 26e9), plan('Scaler'))).toBe(femtoUsd(25.92))
  })

  test('is never negative and grows with every amount', () => {
    fc.assert(
      fc.property(anyUsage, anyUsage, anyPlan, (one, more, by) => {
        const both = sumOfUsages([one, more])
        expect(billOf(one, by)).toBeGreaterThanOrEqual(femtoUsd(by.usdPerMonth))
        expect(billOf(both, by)).toBeGreaterThanOrEqual(billOf(one, by))
        expect(marginalCost(both, by)).toBeGreaterThanOrEqual(marginalCost(one, by))
        expect(marginalCost(one, by)).toBeGreaterThanOrEqual(0n)
      }),
    )
  })

  test('beyond the included amounts is the sum of the bills of its operations, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(anyUsage, { maxLength: 10 }), anyPlan, (operations, by) => {
        const each = operations.map((of) => marginalCost(of, by))
        expect(marginalCost(sumOfUsages(operations), by)).toBe(each.reduce((sum, cost) => sum + cost, 0n))
      }),
    )
  })

  test('of a plan whose included amounts are used up rises by the price beyond them, no more and no less', () => {
    fc.assert(
      fc.property(anyUsage, anyPlan, (more, by) => {
        const full = usage(by.includedRowsRead, by.includedRowsWritten, by.includedBytes)
        const rise = billOf(sumOfUsages([full, more]), by) - billOf(full, by)
        expect(rise).toBe(marginalCost(more, by))
      }),
    )
  })
})

describe('rows a month', () => {
  test('are the mean times the calls, to the nearest row', () => {
    expect(rowsPerMonth([10, 20, 33], 1, 1000)).toBe(21_000n)
    expect(rowsPerMonth([1, 0, 0], 1, 1)).toBe(0n)
    expect(rowsPerMonth([1, 0], 1, 1)).toBe(1n)
    expect(rowsPerMonth([2, 2, 2], 20, 1000)).toBe(40_000n)
    expect(rowsPerMonth([75_000], 1, 1e15)).toBe(75_000n * 10n ** 15n)
  })

  test('of twice the calls are twice the rows but for the last one', () => {
    const rows = fc.array(fc.nat(1e6), { minLength: 1, maxLength: 24 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 100 }), fc.nat(1e9), (counted, statements, calls) => {
        const once = rowsPerMonth(counted, statements, calls)
        const twice = rowsPerMonth(counted, statements, 2 * calls)
        expect([-1n, 0n, 1n]).toContain(twice - 2n * once)
      }),
    )
  })
})

describe('money in words', () => {
  test.each([
    [0n, '$0.00'],
    [1n, '<$0.01'],
    [4_999_999_999_999n, '<$0.01'],
    [5_000_000_000_000n, '$0.01'],
    [femtoUsd(1234567.895), '$1,234,567.90'],
    [-femtoUsd(0.31), '−$0.31'],
  ])('%s is %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text)
  })

  test('a difference has its sign', () => {
    expect([0n, femtoUsd(2), -femtoUsd(2)].map(formatUsdDelta)).toEqual(['±0', '+$2.00', '−$2.00'])
  })

  test('cents are those that decimal arithmetic gives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (micro) => {
        const cents = BigInt(Math.floor(micro / 10_000)) + (micro % 10_000 >= 5_000 ? 1n : 0n)
        expect(roundedCents(femtoUsd(micro / 1e6))).toBe(cents)
      }),
    )
  })
})
