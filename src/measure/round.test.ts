import { describe, expect, test } from 'vitest'
import type { Connection, DriverName, Row } from '../target/connection.ts'
import type { RoundOperation, RoundPlan, RoundVariant } from './round-plan.ts'
import { runRound, type RoundWorld } from './round.ts'

/** A world whose statements take as many nanoseconds as their first argument says, times the variant's factor. */
class FakeWorld implements RoundWorld {
  readonly log: string[] = []
  readonly live = new Set<string>()
  #now = 0
  failOn: string | undefined

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
      return 2
    }
    return {
      driver: 'libsql' satisfies DriverName,
      prepareTimed: (sql: string) => (this.log.push(`prepare ${name}: ${sql}`), { kind: 'sync', run }),
      prepareTimedTransaction: () => ({
        kind: 'sync',
        run: (list: readonly Row[]) => {
          this.log.push(`begin ${list.length}`)
          return list.reduce((sum, row) => sum + run(row), 0)
        },
      }),
      close: () => this.live.delete(name),
    } as Partial<Connection> as Connection
  }
}

const variant = (id: string): RoundVariant => ({ id, driver: 'libsql', readPath: id, writePath: `${id}-w` })
const read: RoundOperation = {
  id: 'Q1',
  kind: 'read',
  sql: 'SELECT 1',
  samplesPerSlice: 2,
  statementsPerSample: 1,
  warmupSamples: 1,
  args: [
    [[10], [20], [30]],
    [[11], [21], [31]],
  ],
  variants: [0, 1],
  blocks: 2,
  firstBlock: 0,
}
const write: RoundOperation = {
  ...read,
  id: 'W1',
  kind: 'write',
  statementsPerSample: 2,
  warmupSamples: 0,
  args: [[[1], [2], [3], [4]], []],
  variants: [0],
  blocks: 1,
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
  test('measures each block in its order, on the arguments of its window', async () => {
    const result = await runRound(plan, new FakeWorld())
    expect(result).toEqual({
      round: 3,
      rssBytes: 4096,
      slices: [
        { operation: 'Q1', variant: 'slow', block: 0, order: 0, durationsNs: floats(33, 63), rows: 4 },
        { operation: 'Q1', variant: 'plain', block: 0, order: 1, durationsNs: floats(10, 20), rows: 4 },
        { operation: 'Q1', variant: 'plain', block: 1, order: 0, durationsNs: floats(30, 10), rows: 4 },
        { operation: 'Q1', variant: 'slow', block: 1, order: 1, durationsNs: floats(93, 33), rows: 4 },
      ],
    })
  })

  test('gives each variant its own statement where a plan has one', async () => {
    const world = new FakeWorld()
    const operations = [{ ...read, ownSql: ['SELECT 2', 'SELECT 3'] }]
    await runRound({ ...plan, operations, steps: [] }, world)
    expect(world.log.filter((line) => line.startsWith('prepare'))).toEqual(
      plan.variants.map(({ id }, index) => `prepare ${id} read: SELECT ${index + 2}`),
    )
  })

  test('in turns goes through a slice sample by sample, there and back, on the same arguments', async () => {
    const world = new FakeWorld()
    const [step] = plan.steps
    const inTurns = { ...read, samplesPerSlice: 3, samplesPerTurn: 1 }
    const result = await runRound(
      { ...plan, operations: [inTurns], steps: step === undefined ? [] : [step] },
      world,
    )
    expect(result.slices).toEqual([
      { operation: 'Q1', variant: 'slow', block: 0, order: 0, durationsNs: floats(33, 63, 93), rows: 6 },
      { operation: 'Q1', variant: 'plain', block: 0, order: 1, durationsNs: floats(10, 20, 30), rows: 6 },
    ])
    expect(world.log.slice(-6).join(', ')).toBe(
      'slow read 11, plain read 10, plain read 20, slow read 21, slow read 31, plain read 30',
    )
  })

  test('in turns writes whole transactions, also in a last turn that is shorter', async () => {
    const world = new FakeWorld()
    const args = [[[1], [2], [3], [4], [5], [6]], []]
    const inTurns = { ...write, args, samplesPerSlice: 3, samplesPerTurn: 2 }
    const result = await runRound(
      { ...plan, operations: [inTurns], steps: [{ block: 0, operation: 0, order: [0] }] },
      world,
    )
    expect(result.slices).toMatchObject([{ durationsNs: floats(3, 7, 11), rows: 12 }])
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

  test('opens and warms up everything first, and collects all garbage before a pass', async () => {
    const world = new FakeWorld()
    await runRound(plan, world)
    expect(world.log.join(', ')).toBe(
      [
        'open plain read, open slow read, prepare plain read: SELECT 1, prepare slow read: SELECT 1',
        'plain read 10, slow read 11',
        'gc all, slow read 11, slow read 21, plain read 10, plain read 20',
        'gc all, plain read 30, plain read 10, slow read 31, slow read 11',
      ].join(', '),
    )
  })

  test('collects young garbage only between the blocks of one pass', async () => {
    const world = new FakeWorld()
    const steps = [0, 1].map((operation) => ({ block: 0, operation, order: [0] }))
    await runRound({ ...plan, operations: [read, { ...read, id: 'Q2' }], steps }, world)
    expect(world.log.filter((line) => line.startsWith('gc'))).toEqual(['gc all', 'gc young'])
  })

  test('writes whole transactions, to the clone of a variant that takes part', async () => {
    const world = new FakeWorld()
    const result = await runRound(
      { ...plan, operations: [write], steps: [{ block: 0, operation: 0, order: [0] }] },
      world,
    )
    expect(result.slices).toEqual([
      { operation: 'W1', variant: 'plain', block: 0, order: 0, durationsNs: floats(3, 7), rows: 8 },
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
