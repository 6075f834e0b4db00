/** Sleeps until the moment that the other thread asks for, and tells it then. */
import { parentPort, workerData } from 'node:worker_threads'
import { monotonicMs } from './monotonic.ts'

const { shared } = workerData as { readonly shared: SharedArrayBuffer }
const turn = new Int32Array(shared, 0, 1)
const dueNs = new BigInt64Array(shared, 8, 1)

for (;;) {
  const seen = Atomics.load(turn, 0)
  const dueMs = Number(Atomics.load(dueNs, 0)) / 1e6
  const leftMs = dueMs - monotonicMs()
  if (leftMs > 0) {
    Atomics.wait(turn, 0, seen, leftMs)
  } else {
    parentPort?.postMessage(0, [])
    Atomics.wait(turn, 0, seen)
  }
}
