import { afterEach, expect, test } from 'vitest'
import { Pool } from 'undici'
import type { Behaviour } from './behaviour.ts'
import { buildCalibration, startCalibration, type Calibration } from './calibration.ts'

const server = (await buildCalibration()) === null ? null : await startCalibration()
afterEach(async () => server?.behave({ kind: 'null' }))

async function ask(calibration: Calibration, behaviour: Behaviour, requests: number): Promise<number[]> {
  await calibration.behave(behaviour)
  const pool = new Pool(calibration.url, { connections: 5, pipelining: 1 })
  const took = Array.from({ length: requests }, async (_, n) => {
    const askedMs = performance.now()
    const body = n % 2 === 0 ? null : 'a body'
    const answer = await pool
      .request({ method: body === null ? 'GET' : 'POST', path: '/', body })
      .catch(() => null)
    await answer?.body.dump()
    return answer === null ? NaN : performance.now() - askedMs
  })
  const latenciesMs = await Promise.all(took)
  await pool.destroy()
  return latenciesMs
}

test.skipIf(server === null)(
  'the calibration server answers no sooner than it should, and records each (needs cc)',
  async () => {
    const tookMs = await ask(server!, { kind: 'fixed', delayMs: 15.5 }, 20)
    expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(15.5)
    const { answers, arrivalsMs, ...counts } = await server!.truth()
    expect(counts).toMatchObject({ received: 20, answered: 20, closed: 0, clientGone: 0, pending: 0 })
    const { valuesNs, samples } = answers
    expect(samples).toBe(20)
    expect(Math.min(...valuesNs)).toBeGreaterThanOrEqual(15.5e6)
    expect(arrivalsMs).toHaveLength(20)
  },
)

test.skipIf(server === null)(
  'the calibration server closes as many connections as it is told to (needs cc)',
  async () => {
    const tookMs = await ask(server!, { kind: 'closing', delayMs: 1, closeEvery: 4 }, 40)
    expect(tookMs.filter(Number.isNaN)).toHaveLength(10)
    expect(await server!.truth()).toMatchObject({ received: 40, answered: 30, closed: 10 })
  },
)
