import { describe, expect, test } from 'vitest'
import { latenessAtServerMs, steadyWindow } from './steady-window.ts'

const everyMs = (ms: number, count: number, fromMs = 0): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => fromMs + i * ms)

describe('the steady window of a run', () => {
  // Half a core, sampled every 200 ms from 500 ms before the load on; start and end cost a core.
  const samples = Array.from({ length: 70 }, (_, i) => {
    const atMs = 9_500 + i * 200
    const busyMs = Math.min(2000, i * 200) + Math.max(0, i * 200 - 2000) / 2
    return { atMs, cpuSeconds: busyMs / 1000, rssBytes: 0 }
  })

  test('leaves start and warm-up out, and counts what came and what it cost', () => {
    const arrivalsMs = everyMs(2, 5000, 10_000)
    const { requestsPerSec, cores, requestsPerCpuSecond } = steadyWindow(arrivalsMs, samples, 10)
    expect(requestsPerSec).toBeCloseTo(500)
    expect(cores).toBeCloseTo(0.5)
    expect(requestsPerCpuSecond).toBeCloseTo(1000)
  })

  test('of a run too short for one says nothing', () => {
    expect(steadyWindow(everyMs(2, 500, 10_000), samples, 1).cores).toBeNaN()
  })
})

describe('lateness at the server', () => {
  test('is none for arrivals as even as the rate', () => {
    const late = latenessAtServerMs(everyMs(5, 100, 1234), 200)
    expect(Math.max(...late)).toBeCloseTo(0)
  })

  test('is how much later than the most punctual request a request came', () => {
    const arrivalsMs = everyMs(5, 100, 1234).map((ms, i) => (i === 40 ? ms + 3 : ms))
    expect(latenessAtServerMs(arrivalsMs, 200).at(-1)).toBeCloseTo(3)
    expect(latenessAtServerMs(arrivalsMs, 200).at(-2)).toBeCloseTo(0)
  })

  test('of bursts once a second is up to a second', () => {
    const bursts = Float64Array.from({ length: 300 }, (_, i) => Math.floor(i / 100) * 1000)
    const late = latenessAtServerMs(bursts, 100)
    expect(late[late.length - 1]).toBeCloseTo(990)
  })
})
