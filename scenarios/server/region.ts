import { defineSweep } from 'forgebench'
import { insertPrompt, newPrompt, promptReader, warmUp } from './shared/statements.ts'

interface Setting {
  readonly roundTripMs: number
}

const workers = 20

export default defineSweep<Setting>({
  title: 'What does it cost to have the primary far away?',
  why: 'The review (§6.3) wants the primary in the region nearest to the user. There is one primary: what is near to some users is far from others, unless each region has a database of its own. So the same requests are sent over the round trips of one region, one continent and half the world.',
  fresh: 'round',
  seconds: 1,
  claims: [
    {
      claim: 'C16',
      parts: [120, 200].map((far) => ({
        measure: 'sweep',
        metric: 'page',
        variant: 'ms-5',
        versus: `ms-${far}`,
        claimed: { from: -0.1, to: -0.1 },
      })),
      note: 'No number is claimed; 10 % stands for «lower». The claim is about those users whose region has the primary: for the others the distance is what it was.',
    },
  ],
  metrics: [
    { id: 'read', title: 'a read, P50', unit: 'ms', better: 'lower' },
    { id: 'write', title: 'a write, P50', unit: 'ms', better: 'lower' },
    { id: 'page', title: 'a page of 3 reads in turn, P50', unit: 'ms', better: 'lower' },
    { id: 'transaction', title: 'read and write in a transaction, P50', unit: 'ms', better: 'lower' },
  ],
  points: [
    { id: 'ms-5', title: 'same region, 5 ms', setting: { roundTripMs: 5 } },
    { id: 'ms-40', title: 'same continent, 40 ms', setting: { roundTripMs: 40 } },
    { id: 'ms-120', title: 'next continent, 120 ms', setting: { roundTripMs: 120 } },
    { id: 'ms-200', title: 'half the world, 200 ms', setting: { roundTripMs: 200 } },
  ],
  measure: async ({ setting }, context) => {
    const target = await context.target({ kind: 'sqld', ...setting })
    const read = await promptReader(context)
    await warmUp(target, workers)
    const reads = await context.closedLoop({ workers: 4, calls: 24, call: () => read(target) })
    const writes = await context.closedLoop({
      workers: 2,
      calls: 12,
      call: () => target.execute(insertPrompt, newPrompt(context)),
    })
    const pages = await context.closedLoop({
      workers: 4,
      calls: 12,
      call: async () => {
        for (let i = 0; i < 3; i++) await read(target)
      },
    })
    const transactions = await context.closedLoop({
      workers: 1,
      calls: 5,
      call: () =>
        target.transaction(async (inside) => {
          await read(inside)
          await inside.execute(insertPrompt, newPrompt(context))
        }),
    })
    return { read: reads.p50Ms, write: writes.p50Ms, page: pages.p50Ms, transaction: transactions.p50Ms }
  },
})
