import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

export type NoiseKind = 'cpu' | 'memory' | 'disk'

/** Work that disturbs others: bursts of random length with random pauses between, for a bounded time. */
export interface NoiseTask {
  readonly kind: NoiseKind
  readonly seconds: number
  /** Longest burst and longest pause; both are uniform from a twentieth of it on. */
  readonly burstMs: number
  readonly pauseMs: number
}

const someTime = (mostMs: number): number => mostMs * (0.05 + 0.95 * Math.random())

/** Makes noise until its time is over; returns the number of bursts. */
export async function makeNoise({ kind, seconds, burstMs, pauseMs }: NoiseTask): Promise<number> {
  const endMs = performance.now() + seconds * 1000
  const burst = bursts[kind]()
  let count = 0
  while (performance.now() < endMs) {
    await burst(Math.min(performance.now() + someTime(burstMs), endMs))
    count++
    await setTimeout(someTime(pauseMs))
  }
  return count
}

const bursts: Readonly<Record<NoiseKind, () => (untilMs: number) => Promise<void>>> = {
  cpu: () => async (untilMs) => {
    let sum = 0
    while (performance.now() < untilMs) for (let i = 0; i < 1e5; i++) sum += Math.sqrt(i)
    if (sum < 0) throw new RangeError('square roots are not negative')
  },
  memory: () => {
    const bytes = new Uint8Array(32e6)
    return async (untilMs) => {
      while (performance.now() < untilMs) for (let i = 0; i < bytes.length; i += 64) bytes[i]!++
    }
  },
  disk: () => async (untilMs) => {
    const path = join(tmpdir(), `forgebench-noise-${process.pid}`)
    const file = openSync(path, 'w')
    const page = Buffer.alloc(16_384)
    try {
      for (let pages = 0; performance.now() < untilMs; pages++) {
        // The same 16 MB again and again: it must not fill the disk.
        writeSync(file, page, 0, page.length, (pages % 1024) * page.length)
        fsyncSync(file)
        await setTimeout(1)
      }
    } finally {
      closeSync(file)
      rmSync(path, { force: true })
    }
  },
}
