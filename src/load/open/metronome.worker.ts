import { parentPort, workerData } from 'node:worker_threads'
import { arrivalTimes, type ArrivalPlan } from '../schedule.ts'
import { machineNs } from './load-clock.ts'

export interface MetronomeTask {
  readonly plan: ArrivalPlan
  readonly first: number
  readonly stride: number
  /** How many of these arrivals the sender has taken up. */
  readonly taken: SharedArrayBuffer
  /** Wakes are at least so far apart. */
  readonly restNs: number
}

const { plan, first, stride, taken, restNs } = workerData as MetronomeTask
const takenCount = new Int32Array(taken)
const never = new Int32Array(new SharedArrayBuffer(4))
const port = parentPort!

/** `startNs` is a moment of `machineNs`. */
function ring(startNs: number): void {
  const next = arrivalTimes(plan, first, stride)
  let rungNs = -Infinity
  for (let place = 0; ; place += 1) {
    const due = next()
    if (due === undefined) return
    if (Atomics.load(takenCount, 0) > place) continue
    // Timers of the event loop know whole milliseconds only; this sleep is exact to some 50 µs.
    const restMs = (Math.max(startNs + due, rungNs + restNs) - machineNs()) / 1e6
    if (restMs > 0) Atomics.wait(never, 0, 0, restMs)
    if (Atomics.load(takenCount, 0) > place) continue
    rungNs = machineNs()
    port.postMessage('due')
  }
}

port.once('message', ring)
port.postMessage('ready')
