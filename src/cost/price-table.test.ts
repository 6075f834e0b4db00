import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { pricedPlan } from './price-table.ts'
import { readPriceTable } from './read-price-table.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-prices-'))
const path = join(folder, 'prices.json')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ours = await readPriceTable()
const withText = async (text: string): Promise<unknown> => {
  writeFileSync(path, text)
  return readPriceTable(path)
}

describe('a price table', () => {
  test('that comes with forgebench says whose prices they are, of when and from where, and that they are second-hand', () => {
    expect(ours.date).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(ours.source).toMatch(/^https:/)
    expect(ours.note).toContain('third party')
    expect(ours.plans.map(({ name }) => name)).toEqual(['Free', 'Developer', 'Scaler', 'Pro'])
    expect(pricedPlan(ours, ours.plan).name).toBe('Developer')
  })

  test('of a user is read as it is', async () => {
    const [free] = ours.plans
    const own = { ...ours, provider: 'mine', plan: 'P', plans: [{ ...free, name: 'P', usdPerGb: 0.25 }] }
    expect(await withText(JSON.stringify(own))).toEqual(own)
  })

  test.each([
    ['', /no JSON \(.*\)/],
    ['[]', /expected object/],
    [JSON.stringify({ ...ours, plans: [] }), /plans: must hold at least one plan/],
    [JSON.stringify({ ...ours, date: 'yesterday' }), /date: must be a date/],
    [JSON.stringify({ ...ours, plans: [ours.plans[0], ours.plans[0]] }), /plans: names must be unique/],
    [
      JSON.stringify({ ...ours, plans: [{ ...ours.plans[0], usdPerGb: -1 }] }),
      /plans\.0\.usdPerGb: must be 0 or more/,
    ],
    [
      JSON.stringify({ ...ours, plans: [{ ...ours.plans[0], usdPerGb: 0.123_456_7 }] }),
      /plans\.0\.usdPerGb: must have six decimals at most/,
    ],
    [JSON.stringify({ ...ours, plans: [{ ...ours.plans[0], usdPerGB: 1 }] }), /usdPerGB/],
  ])('with a mistake is refused in one line: %s', async (text, mistake) => {
    const refusal = withText(text)
    await expect(refusal).rejects.toMatchObject({ code: 'PRICES_INVALID', exit: 2 })
    await expect(refusal).rejects.toThrow(mistake)
    await expect(refusal).rejects.toThrow(/^[^\n]+; a price table has the form of prices\/turso\.json[^\n]+$/)
  })

  test('that is not there is named', async () => {
    await expect(readPriceTable(join(folder, 'none.json'))).rejects.toThrow(
      /none\.json: cannot be read \(no such file\)/,
    )
  })

  test('has the plan asked for, or says which it has; a plan without a price cannot be taken', () => {
    expect(pricedPlan(ours, 'free').name).toBe('Free')
    expect(() => pricedPlan(ours, 'Team')).toThrow(
      'Turso Cloud has no plan Team in this price table; it has Free, Developer, Scaler, Pro',
    )
    expect(() => pricedPlan(ours, 'Pro')).toThrow(
      /does not say what Turso Cloud Pro costs beyond.*\(Free, Developer\) with --plan/,
    )
  })
})
