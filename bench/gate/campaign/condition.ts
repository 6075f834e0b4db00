import { setTimeout } from 'node:timers/promises'
import { runInChild } from '../../../src/measure/child-process.ts'
import { machineState, hostContention } from '../../../src/measure/machine-state.ts'
import type { NoiseTask } from './noise-work.ts'

/** What else the machine does while a gate runs. */
export const conditions = ['idle', 'ordinary', 'stressed'] as const
export type Condition = (typeof conditions)[number]

type Noise = Omit<NoiseTask, 'seconds'>

/**
 * The work of ours that makes each condition: nothing; a neighbour that takes about a third of one core; three that take
 * turns with both cores, memory and the disk. What others do on the machine comes on top and is recorded.
 */
const noises: Readonly<Record<Condition, readonly Noise[]>> = {
  idle: [],
  ordinary: [{ kind: 'cpu', burstMs: 400, pauseMs: 800 }],
  stressed: [
    { kind: 'cpu', burstMs: 1000, pauseMs: 1000 },
    { kind: 'memory', burstMs: 1000, pauseMs: 1000 },
    { kind: 'disk', burstMs: 1000, pauseMs: 1000 },
  ],
}

const entry = new URL('./noise.process.ts', import.meta.url)
/** Noise ends by itself after this time, whatever becomes of the gate. */
const mostSeconds = 900

/** Makes one kind of noise until the signal; rejects when it cannot. */
export type MakeNoise = (noise: NoiseTask, signal: AbortSignal) => Promise<unknown>

const noiseInChild: MakeNoise = (noise, signal) => runInChild<NoiseTask, number>(entry, noise, signal)

/**
 * Does `work` in a condition; its noise begins before and ends after.
 * @throws what a noise died of: the condition was not what it is called
 */
export async function underCondition<T>(
  condition: Condition,
  work: () => Promise<T>,
  makeNoise: MakeNoise = noiseInChild,
): Promise<T> {
  const stop = new AbortController()
  const failures: unknown[] = []
  const running = noises[condition].map((noise) =>
    makeNoise({ ...noise, seconds: mostSeconds }, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) failures.push(error)
    }),
  )
  try {
    const result = await work()
    if (failures.length > 0) throw failures[0]
    return result
  } finally {
    stop.abort()
    await Promise.all(running)
  }
}

const watchMs = 3000
const idleBusyShare = 0.15

/** True when the machine did next to nothing for three seconds, or does not tell. */
export async function isIdle(): Promise<boolean> {
  const before = machineState()
  await setTimeout(watchMs)
  const { busyShare } = hostContention(before, machineState(), watchMs / 1000)
  return busyShare === null || busyShare < idleBusyShare
}
