import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeSweep, FakeWorld } from '../../../fixtures/sweeps/fake-sweep.ts'
import { TargetError } from '../../core/errors.ts'
import type { Sweep } from '../../scenario/sweep/sweep.ts'
import type { SweepContext } from '../../scenario/sweep/sweep-context.ts'
import { sweepRound, type SweepRoundResult, type SweepRoundTask } from './sweep-round.ts'

const task: SweepRoundTask = {
  id: 'workers',
  path: '/nowhere/workers.ts',
  round: 2,
  order: ['workers-4', 'workers-1'],
  seed: 1,
  seconds: 1,
  databasePath: '/nowhere/stage.db',
  folder: '/nowhere',
}

/** A round of the fake sweep with another `measure`. */
const measured = (
  measure: (context: SweepContext, point: string) => unknown,
  world = new FakeWorld(),
): Promise<SweepRoundResult> => {
  // As JavaScript may: it returns anything, and throws before there is a promise.
  const given = ({ id }: { readonly id: string }, context: SweepContext) => measure(context, id) as never
  return sweepRound(task, { ...(fakeSweep as Sweep), measure: given }, world)
}

function throwing(error: Error): () => unknown {
  return () => {
    throw error
  }
}

const values = (given: unknown): Promise<SweepRoundResult> => measured(() => given)

describe('a round of a sweep', () => {
  test('measures its points in their order, with exact numbers of a clock that only waits move', async () => {
    const world = new FakeWorld(() => 5)
    const result = await sweepRound(task, fakeSweep as Sweep, world)
    // A call of 5 ms each, from the first fifth of the second on: 0.8 s, 161 ends from 200 to 1000 ms.
    expect(result).toEqual({
      values: [
        { point: 'workers-4', values: { perSecond: (4 * 161) / 0.8, p95: 5, failed: 0 } },
        { point: 'workers-1', values: { perSecond: 161 / 0.8, p95: 5, failed: 0 } },
      ],
      delays: [],
      servers: ['sqld fake'],
    })
    expect(world.grounds).toEqual(['round', 'round'])
    expect(world.released).toEqual(['round', 'round', undefined])
  })

  test('gives every point a ground of its own where that is asked for', async () => {
    const world = new FakeWorld()
    await sweepRound(task, { ...fakeSweep, fresh: 'point' } as Sweep, world)
    expect(world.grounds).toEqual(['workers-4', 'workers-1'])
    expect(world.released).toEqual([undefined, undefined, undefined])
  })

  test('counts failures by their code, and gives no P95 of fewer than 100 calls', async () => {
    let calls = 0
    const world = new FakeWorld(() => {
      if (++calls % 2 === 0) throw new TargetError('TARGET_OVERLOADED', 'busy')
      return 20
    })
    const loops: unknown[] = []
    await measured(async (context) => {
      const target = await context.target({ kind: 'sqld' })
      const call = (): Promise<unknown> => target.query('SELECT 1')
      loops.push(await context.closedLoop({ workers: 1, calls: 20, call }))
      return { perSecond: 1, p95: null, failed: 0 }
    }, world)
    expect(loops[0]).toEqual({
      succeeded: 10,
      failed: 10,
      failures: { TARGET_OVERLOADED: 10 },
      perSecond: 50,
      p50Ms: 20,
      p95Ms: null,
    })
  })

  test('asks every point the same, with ids of its own', async () => {
    const seen: { random: number; id: string }[] = []
    await measured((context) => {
      seen.push({ random: context.random(), id: context.newId() })
      return { perSecond: 1, p95: 1, failed: 0 }
    })
    expect(seen[0]?.random).toBe(seen[1]?.random)
    expect(seen[0]?.id).not.toBe(seen[1]?.id)
    expect(seen[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  })

  const place = 'workers, point workers-4, round 2: '
  const wrong: readonly (readonly [measure: () => unknown, code: string, message: string])[] = [
    [throwing(new Error('first\nsecond')), 'SWEEP_THROWS', `${place}measure throws: first`],
    [throwing(new TargetError('TARGET_BUSY', '/nowhere/stage.db: locked')), 'TARGET_BUSY', `${place}locked`],
    [
      () => undefined,
      'SWEEP_VALUE',
      `${place}measure gave no object; return { perSecond: …, p95: …, failed: … }`,
    ],
    [
      () => ({ perSecond: 1, p95: 'fast', failed: 0 }),
      'SWEEP_VALUE',
      `${place}measure gave no number for p95 (fast); give null where it could not be measured`,
    ],
    [
      () => ({ perSecond: Number.NaN, p95: 1, failed: 0 }),
      'SWEEP_VALUE',
      `${place}measure gave no number for perSecond (NaN); give null where it could not be measured`,
    ],
    [
      () => ({ perSecond: 1, p95: 1, faild: 0 }),
      'SWEEP_VALUE',
      `${place}measure gave "faild", which is none of its metrics: perSecond, p95, failed`,
    ],
  ]
  test.each(wrong)(
    'says in one line which sweep, point and round went wrong: %#',
    async (measure, code, message) => {
      const world = new FakeWorld()
      await expect(measured(measure, world)).rejects.toMatchObject({ code, message })
      expect(world.released.at(-1)).toBeUndefined()
    },
  )

  test('a wrong statement is no failed call: it is said at once', async () => {
    const wrong = new TargetError('TARGET_SQL', 'no such table: orders')
    await expect(
      measured((context) => context.closedLoop({ workers: 3, call: () => Promise.reject(wrong) })),
    ).rejects.toMatchObject({ code: 'TARGET_SQL', message: `${place}no such table: orders` })
  })

  test('takes no value that is not a number of each metric, whatever its name', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.anything(), { noNullPrototype: false }),
        async (given) => {
          const isWhole =
            Object.keys(given).toSorted().join() === 'failed,p95,perSecond' &&
            Object.values(given).every((value) => value === null || Number.isFinite(value))
          const result = await values(given).then(
            () => 'taken',
            (error: { readonly code: string }) => error.code,
          )
          expect(result).toBe(isWhole ? 'taken' : 'SWEEP_VALUE')
        },
      ),
    )
  })
})
