import { describe, expect, test } from 'vitest'
import type { Connection, Row } from '../target/connection.ts'
import type { RoundOperation, RoundPlan, RoundSide, RoundVariant } from './round-plan.ts'
import { runRound, type RoundWorld } from './round.ts'

/** A world whose statements take as many nanoseconds as their first argument says, times the variant's factor. */
class FakeWorld implements RoundWorld {
  readonly log: string[] = []
  readonly live = new Set<string>()
  #now = 0
  failOn: string | undefined
  rowsOf: (id: string, ns: number) => number = () => 2

  readonly clock = { nowNs: (): number => this.#now }
  readonly collectGarbage = (extent: 'young' | 'all'): void => void this.log.push(`gc ${extent}`)
  readonly rssBytes = (): number => 4096

  async open({ id }: RoundVariant, purpose: 'read' | 'write'): Promise<Connection> {
    const name = `${id} ${purpose}`
    this.log.push(`open ${name}`)
    if (this.failOn === `open ${name}`) throw new Error('cannot open')
    this.live.add(name)
    const factor = id === 'slow' ? 3 : 1
    const run = ([ns]: Row): number => {
      this.log.push(`${name} ${String(ns)}`)
      if (this.failOn === `${name} ${String(ns)}`) throw new Error('statement failed')
      this.#now += Number(ns) * factor
      return this.rowsOf(id, Number(ns))
    }
    return {
      prepareTimed: (sql: string) => (this.log.push(`prepare ${name}: ${sql}`), { kind: 'sync', run }),
      prepareTimedTransaction: () => ({
        kind: 'sync',
        run: (list: readonly Row[]) => {
          this.log.push(`begin ${list.length}`)
          return list.reduce((sum, row) => sum + run(row), 0)
        },
      }),
      close: () => void this.live.delete(name),
    } as Partial<Connection> as Connection
  }
}

const variant = (id: string): RoundVariant => ({ id, driver: 'libsql', readPath: id, writePath: `${id}-w` })
const side = (variant: string, args: readonly Row[], rest: Partial<RoundSide> = {}): RoundSide => ({
  variant,
  args,
  blocks: 2,
  samplesPerSlice: 2,
  leadInSamples: 0,
  warmupSamples: 1,
  ...rest,
})
const read: RoundOperation = {
  id: 'Q1',
  kind: 'read',
  sql: 'SELECT 1',
  statementsPerSample: 1,
  blocks: 2,
  sides: [side('plain', [[10], [20], [30]]), side('slow', [[11], [21], [31]])],
}
const write: RoundOperation = {
  ...read,
  id: 'W1',
  kind: 'write',
  statementsPerSample: 2,
  blocks: 1,
  sides: [side('plain', [[1], [2], [3], [4]], { warmupSamples: 0 })],
}
const plan: RoundPlan = {
  round: 3,
  variants: [variant('plain'), variant('slow')],
  operations: [read],
  steps: [
    { block: 0, operation: 0, order: [1, 0] },
    { block: 1, operation: 0, order: [0, 1] },
  ],
}

describe('a round', () => {
  test('measures each block in its order, every variant going on where it left off', async () => {
    const result = await runRound(plan, new FakeWorld())
    const slice = { operation: 'Q1', firstNs: null, rows: 4 }
    expect(result).toEqual({
      round: 3,
      rssBytes: 4096,
      mismatch: null,
      slices: [
        { ...slice, variant: 'slow', block: 0, order: 0, durationsNs: floats(33, 63) },
        { ...slice, variant: 'plain', block: 0, order: 1, durationsNs: floats(10, 20) },
        { ...slice, variant: 'plain', block: 1, order: 0, durationsNs: floats(30, 10) },
        { ...slice, variant: 'slow', block: 1, order: 1, durationsNs: floats(93, 33) },
      ],
    })
  })

  test('leaves the lead-in out of the samples, and keeps its first call apart', async () => {
    const led = { ...read, sides: [side('plain', [[10], [20], [30], [40]], { leadInSamples: 2 })] }
    const steps = [0, 1].map((block) => ({ block, operation: 0, order: [0] }))
    const { slices } = await runRound({ ...plan, operations: [led], steps }, new FakeWorld())
    expect(slices).toMatchObject([
      { firstNs: 10, durationsNs: floats(30, 40), rows: 8 },
      { firstNs: 10, durationsNs: floats(30, 40), rows: 8 },
    ])
  })

  test('gives every variant its own number of samples', async () => {
    const args: readonly Row[] = [[10], [20], [30]]
    const own = {
      ...read,
      sides: [side('plain', args, { samplesPerSlice: 5 }), side('slow', args, { samplesPerSlice: 1 })],
    }
    const { slices } = await runRound({ ...plan, operations: [own] }, new FakeWorld())
    expect(slices.map(({ variant: id, durationsNs }) => [id, durationsNs.length])).toEqual([
      ['slow', 1],
      ['plain', 5],
      ['plain', 5],
      ['slow', 1],
    ])
  })

  test('tells when variants give different numbers of rows for the same arguments, however many samples each has', async () => {
    const world = new FakeWorld()
    world.rowsOf = (id, ns) => (id === 'slow' && ns === 31 ? 7 : 2)
    const own = {
      ...read,
      sides: [side('plain', [[10], [20], [30]], { samplesPerSlice: 3 }), read.sides[1] as RoundSide],
    }
    const { mismatch } = await runRound({ ...plan, operations: [own] }, world)
    expect(mismatch).toEqual({ operation: 'Q1', variant: 'slow', rows: 7, other: 'plain', otherRows: 2 })
  })

  test('gives each variant its own statement where a plan has one', async () => {
    const world = new FakeWorld()
    const sides = read.sides.map((each, index) => ({ ...each, ownSql: `SELECT ${index + 2}` }))
    await runRound({ ...plan, operations: [{ ...read, sides }], steps: [] }, world)
    expect(world.log.filter((line) => line.startsWith('prepare'))).toEqual(
      plan.variants.map(({ id }, index) => `prepare ${id} read: SELECT ${index + 2}`),
    )
  })

  test('whose time is up begins no further block, but leaves no operation out', async () => {
    const operations = [read, { ...read, id: 'Q2' }]
    const steps = [0, 0, 1].map((operation, block) => ({ block: block % 2, operation, order: [0, 1] }))
    const { slices } = await runRound({ ...plan, operations, steps, timeLimitMs: 0 }, new FakeWorld())
    expect(slices.map(({ operation, block }) => `${operation}/${block}`)).toEqual([
      'Q1/0',
      'Q1/0',
      'Q2/0',
      'Q2/0',
    ])
  })

  test('opens and warms up everything first, and collects garbage before every block', async () => {
    const world = new FakeWorld()
    await runRound(plan, world)
    expect(world.log.join(', ')).toBe(
      [
        'open plain read, open slow read, prepare plain read: SELECT 1, prepare slow read: SELECT 1',
        'plain read 10, slow read 11',
        'gc all, slow read 11, slow read 21, plain read 10, plain read 20',
        'gc young, plain read 30, plain read 10, slow read 31, slow read 11',
      ].join(', '),
    )
  })

  test('collects all garbage again after a quarter of a second', async () => {
    const world = new FakeWorld()
    const steps = [0, 1, 2].map((block) => ({ block, operation: 0, order: [0] }))
    const long = { ...read, sides: [side('plain', [[70e6]])] }
    await runRound({ ...plan, operations: [long], steps }, world)
    expect(world.log.filter((line) => line.startsWith('gc'))).toEqual(['gc all', 'gc young', 'gc all'])
  })

  test('writes whole transactions, to the clone of a variant that takes part', async () => {
    const world = new FakeWorld()
    const result = await runRound(
      { ...plan, operations: [write], steps: [{ block: 0, operation: 0, order: [0] }] },
      world,
    )
    expect(result.slices).toEqual([
      {
        operation: 'W1',
        variant: 'plain',
        block: 0,
        order: 0,
        firstNs: null,
        durationsNs: floats(3, 7),
        rows: 8,
      },
    ])
    expect(world.log.filter((line) => /open|begin/.test(line))).toEqual([
      'open plain write',
      'begin 2',
      'begin 2',
    ])
  })

  test('closes every connection when it ends', async () => {
    const world = new FakeWorld()
    await runRound({ ...plan, operations: [read, write] }, world)
    expect(world.log).toContain('open plain write')
    expect(world.live).toEqual(new Set())
  })

  test.each(['open slow read', 'slow read 11', 'plain read 30'])(
    'closes every connection when «%s» fails',
    async (failOn) => {
      const world = new FakeWorld()
      world.failOn = failOn
      await expect(runRound(plan, world)).rejects.toThrow(/cannot open|statement failed/)
      expect(world.live).toEqual(new Set())
    },
  )

  test('refuses a plan that names what is not there', async () => {
    const world = new FakeWorld()
    const steps = [{ block: 0, operation: 7, order: [0] }]
    await expect(runRound({ ...plan, steps }, world)).rejects.toThrow(RangeError)
    expect(world.live).toEqual(new Set())
  })
})

const floats = (...values: readonly number[]): Float64Array => Float64Array.from(values)
