import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answerOk } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { planOf, sendHere, totals } from '../../../fixtures/load/send-here.ts'
import { decodeLatencies, latencyMeanNs, mergeLatencies } from '../../stats/latency-counts.ts'
import { arrivalTimes, type ArrivalPlan } from '../arrival-times.ts'
import { aheadNs, OpenModel } from './open-model.ts'
import { LoadClock, machineNs } from '../worker/load-clock.ts'

describe('arrivals by a fake clock', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'hrtime'] }))
  afterEach(() => void vi.useRealTimers())

  function arrivalsOf(plan: ArrivalPlan) {
    const clock = new LoadClock()
    clock.startAt(machineNs() + 50e6)
    const taken: { readonly index: number; readonly dueNs: number; readonly atNs: number }[] = []
    const givenUp: number[] = []
    const sender = {
      submit: ({ index }: { readonly index: number }, dueNs: number) =>
        void taken.push({ index, dueNs, atNs: clock.nowNs() }),
      giveUp: ({ index }: { readonly index: number }) => void givenUp.push(index),
    }
    const sequence = (index: number) => ({ index, op: 'list', method: 'GET' as const, path: '/', body: null })
    return { taken, givenUp, arrivals: new OpenModel(sender, { plan, first: 1, stride: 2, sequence, clock }) }
  }

  test.each([20, 700, 30_000])(
    'at %s a second none leaves late, and none more than a beat early',
    async (ratePerSec) => {
      const stages = [{ seconds: 0.5, fromLevel: 1, toLevel: 1 }]
      const plan: ArrivalPlan = { stages, ratePerSec, spacing: 'poisson', seed: 3, maxRequests: 1e6 }
      const { taken, arrivals } = arrivalsOf(plan)
      await vi.advanceTimersByTimeAsync(600)
      await arrivals.finished
      const next = arrivalTimes(plan, 1, 2)
      for (const { dueNs } of taken) expect(dueNs).toBe(next())
      expect(next()).toBeUndefined()
      expect(taken.map(({ index }) => index)).toEqual(taken.map((_, place) => 1 + 2 * place))
      for (const { dueNs, atNs } of taken) {
        // Clocks are in whole microseconds or so.
        expect(atNs).toBeLessThanOrEqual(dueNs + 1e4)
        expect(atNs).toBeGreaterThanOrEqual(dueNs - aheadNs - 1e4)
      }
      expect(arrivals.drivenNs).toBe(0.5e9)
    },
  )

  test('end with the last request allowed', async () => {
    const stages = [{ seconds: 10, fromLevel: 1, toLevel: 1 }]
    const { taken, arrivals } = arrivalsOf({
      stages,
      ratePerSec: 100,
      spacing: 'uniform',
      seed: 1,
      maxRequests: 21,
    })
    await vi.advanceTimersByTimeAsync(1000)
    await arrivals.finished
    expect(taken.at(-1)?.index).toBe(19)
    expect(arrivals.drivenNs).toBe(0.19e9)
  })

  test('that are given up account for every one that was still to come', async () => {
    const stages = [{ seconds: 10, fromLevel: 1, toLevel: 1 }]
    const { taken, givenUp, arrivals } = arrivalsOf({
      stages,
      ratePerSec: 100,
      spacing: 'uniform',
      seed: 1,
      maxRequests: 1e6,
    })
    await vi.advanceTimersByTimeAsync(150)
    arrivals.stop('neverSent')
    await arrivals.finished
    const indexes = [...taken.map(({ index }) => index), ...givenUp]
    expect(indexes).toEqual(Array.from({ length: 500 }, (_, i) => 1 + 2 * i))
    expect(arrivals.drivenNs).toBeCloseTo(0.1e9, -6)
  })

  test('that are stopped are over at once', async () => {
    const stages = [{ seconds: 10, fromLevel: 1, toLevel: 1 }]
    const { taken, arrivals } = arrivalsOf({
      stages,
      ratePerSec: 100,
      spacing: 'uniform',
      seed: 1,
      maxRequests: 1e6,
    })
    await vi.advanceTimersByTimeAsync(150)
    arrivals.stop()
    await arrivals.finished
    const { length } = taken
    await vi.advanceTimersByTimeAsync(1000)
    expect(taken).toHaveLength(length)
    expect(arrivals.drivenNs).toBeCloseTo(0.1e9, -6)
  })
})

describe('latencies from the intended start', () => {
  const serve = rawServers()
  const mean = (encoded: readonly string[]): number =>
    latencyMeanNs(mergeLatencies(encoded.map(decodeLatencies)))

  test('are those of the service where a request leaves early', async () => {
    const server = await serve((request) => void setTimeout(() => answerOk(request), 20))
    const sent = await sendHere(planOf(server.url, { connections: 40 }))
    const responseNs = mean(sent.slices.map(({ response }) => response!))
    const serviceNs = mean(sent.slices.map(({ service }) => service))
    expect(serviceNs).toBeGreaterThan(19e6)
    expect(responseNs).toBeGreaterThanOrEqual(serviceNs)
    expect(sent.lateness?.samples).toBe(200)
  })

  test('hold what the sender itself is late, which is told apart', async () => {
    const server = await serve((request) => {
      // The server lives in this process: while it does nothing else, nothing is sent.
      if (request.count === 50) for (const until = performance.now() + 150; performance.now() < until;);
      answerOk(request)
    })
    const sent = await sendHere(planOf(server.url))
    expect(totals(sent)).toEqual({ planned: 200, sent: 200, 200: 200 })
    expect(sent.lateness!.maxNs).toBeGreaterThan(100e6)
    expect(sent.lateness!.p99Ns).toBeGreaterThan(50e6)
    expect(mean(sent.slices.map(({ response }) => response!))).toBeGreaterThan(
      mean(sent.slices.map(({ service }) => service)) + 5e6,
    )
  })
})
