import { defineSweep } from 'forgebench'
import { insertsOnce, retrySweep, succeedsWithReview, type Fault } from './shared/retry-sweep.ts'

/** The review (§6.2) speaks of connection errors and timeouts. */
const faults: Readonly<Record<string, Fault>> = {
  cut: {
    title: 'connections are cut every 100 ms',
    load: { workers: 8, calls: 120 },
    roundTripMs: 20,
    happens: async (target, { sleep }, isOver) => {
      while (!isOver()) {
        await sleep(100)
        target.cut()
      }
    },
  },
  restart: {
    title: 'the server is killed and comes back',
    load: { workers: 8, calls: 120 },
    roundTripMs: 20,
    happens: async (target, { sleep }) => {
      await sleep(100)
      await target.restart()
    },
  },
}

export default defineSweep({
  title: 'What do retries save when connections break, and what do they cost?',
  why: 'The review (§6.2) requires retries on connection errors and timeouts: at most 3 attempts, with waits that grow from 0.5 s to 5 s. A retry helps only when it comes after the fault is over, and a write that was carried out but not answered is carried out again, unless the server can tell that it is the same one. Every call inserts one row, and an attempt without an answer ends after 2 s; afterwards the rows are counted.',
  claims: [
    {
      claim: 'C15',
      parts: [...succeedsWithReview(faults), insertsOnce('cut-review'), insertsOnce('cut-keys')],
      note: 'The review names no number: 99 % of calls that succeed and no row that stands there twice are ours. Without a key the id of a row is made with each attempt, as where the whole function is tried again; where the application makes the id once, that id is the key.',
    },
  ],
  ...retrySweep(faults),
})
