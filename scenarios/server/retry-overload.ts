import { defineSweep } from 'forgebench'
import { insertsOnce, retrySweep, succeedsWithReview, type Fault } from './shared/retry-sweep.ts'
import { insertPrompt } from './shared/statements.ts'

const faults: Readonly<Record<string, Fault>> = {
  overload: {
    title: '150 writers at once, more than the server takes',
    load: { workers: 150, calls: 150 },
    happens: () => Promise.resolve(),
  },
  contention: {
    title: 'long transactions of others hold the lock',
    load: { workers: 8, calls: 120 },
    happens: async (target, { sleep, newId }, isOver) => {
      while (!isOver()) {
        await target.transaction(async (inside) => {
          await inside.execute(insertPrompt, [newId(), 'of another'])
          await sleep(50)
        })
      }
    },
  },
}

export default defineSweep({
  title: 'What do retries save when the server has too much to do?',
  why: 'The review (§6.2) requires retries on connection errors and timeouts. A server that has too much to do refuses (HTTP 429) or lets wait, and everybody who tries again adds to it. libSQL queues writers, so that a lock is mostly a wait.',
  claims: [
    {
      claim: 'C15',
      parts: [...succeedsWithReview(faults), insertsOnce('overload-keys')],
      note: 'The review names no number: 99 % of calls that succeed and no row that stands there twice are ours.',
    },
  ],
  ...retrySweep(faults),
})
