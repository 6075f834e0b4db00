import { setTimeout } from 'node:timers/promises'
import { Pool } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeLatencies } from '../../../src/stats/latency-counts.ts'
import type { Behaviour } from './behaviour.ts'
import { startCalibration } from './calibration-process.ts'
import { CalibrationServer } from './calibration-server.ts'
import { monotonicMs } from './monotonic.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

async function serving(behaviour: Behaviour, connections = 50) {
  const server = await CalibrationServer.start()
  stops.push(() => server.stop())
  server.behave(behaviour)
  const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections, pipelining: 1 })
  stops.push(() => pool.destroy())
  const get = async (): Promise<number> => {
    const startMs = monotonicMs()
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/' })
    expect([statusCode, await body.json()]).toEqual([200, {}])
    return monotonicMs() - startMs
  }
  return { server, pool, get, truth: () => server.log.truth() }
}

describe('the calibration server', () => {
  test('answers no sooner than it should, and records how long it took', async () => {
    const { get, truth } = await serving({ kind: 'fixed', delayMs: 15.5 })
    const tookMs = await Promise.all(Array.from({ length: 20 }, get))
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(15.5)
    const { received, answered, closed, answers } = truth()
    expect({ received, answered, closed }).toEqual({ received: 20, answered: 20, closed: 0 })
    const { valuesNs, samples } = decodeLatencies(answers)
    expect(samples).toBe(20)
    expect(Math.min(...valuesNs)).toBeGreaterThanOrEqual(15.5e6)
    expect(Math.max(...valuesNs)).toBeLessThanOrEqual(Math.max(...tookMs) * 1.001e6)
  })

  test('answers what is due first before what came first', async () => {
    const { get } = await serving({ kind: 'bimodal', fastMs: 1, slowMs: 300, slowEvery: 10 })
    const ended: number[] = []
    await Promise.all(Array.from({ length: 10 }, () => get().then((ms) => ended.push(ms))))
    expect(ended.filter((ms) => ms >= 300)).toHaveLength(1)
    expect(ended.at(-1)).toBeGreaterThanOrEqual(300)
  })

  test('closes exactly one connection in ten without an answer', async () => {
    const { get, truth } = await serving({ kind: 'closing', delayMs: 0, closeEvery: 10 }, 1)
    const ends = { answered: 0, closed: 0 }
    for (let i = 0; i < 200; i++) {
      await get().then(
        () => (ends.answered += 1),
        () => (ends.closed += 1),
      )
    }
    expect(ends).toEqual({ answered: 180, closed: 20 })
    expect(truth()).toMatchObject({ received: 200, answered: 180, closed: 20, pending: 0 })
  })

  test('holds all that arrives in a stall until its end', async () => {
    const { get, truth } = await serving({ kind: 'stall', delayMs: 0, fromMs: 0, untilMs: 250 })
    const startMs = monotonicMs()
    await Promise.all([get(), get(), setTimeout(100).then(get)])
    expect(monotonicMs() - startMs).toBeGreaterThanOrEqual(250)
    expect(truth().answered).toBe(3)
  })

  test('says which requests it could not answer because the client was gone', async () => {
    const { pool, get, truth } = await serving({ kind: 'fixed', delayMs: 100 })
    const lost = get().catch(() => 'lost')
    while (truth().pending === 0) await setTimeout(5)
    await pool.destroy()
    expect(await lost).toBe('lost')
    while (truth().pending > 0) await setTimeout(5)
    expect(truth()).toMatchObject({ received: 1, answered: 0, clientGone: 1 })
  })

  test('begins a new log with a new behaviour, and knows the connections that are still open', async () => {
    const { server, get, truth } = await serving({ kind: 'null' }, 2)
    await Promise.all([get(), get(), get()])
    server.behave({ kind: 'null' })
    expect(truth()).toMatchObject({ received: 0, connections: { opened: 2, peak: 2 } })
    await get()
    expect(truth()).toMatchObject({ received: 1, answered: 1 })
  })
})

describe('the calibration server as a process', () => {
  test('is told what to do and tells the truth through its control port; it does nothing that it does not know', async () => {
    const calibration = await startCalibration()
    stops.push(() => calibration.stop())
    await calibration.behave({ kind: 'fixed', delayMs: 2 })
    const beforeMs = monotonicMs()
    for (let i = 0; i < 5; i++) await (await fetch(calibration.url)).json()
    const arrivalsMs = await calibration.arrivalsMs()
    expect(arrivalsMs).toHaveLength(5)
    expect([...arrivalsMs].every((ms) => ms > beforeMs && ms < monotonicMs())).toBe(true)
    expect(await calibration.truth()).toMatchObject({ received: 5, answered: 5 })
    await expect(calibration.behave({ kind: 'moody' } as never)).rejects.toThrow(/\/behaviour: 400/)
  })
})
