import { describe, expect, test } from 'vitest'
import { healthy, sampleLoadRun, sampleMeasurement } from '../../../fixtures/runs/sample-load-run.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { judgeLoad } from './judge-load.ts'

const sample = sampleLoadRun()
const { model } = sample.settings
const ratePerSec = model.kind === 'open-model' ? model.ratePerSec : 0

interface Situation {
  readonly serviceMs: number
  readonly probeMs: number
  readonly waitP99Ms: number
  /** Connections, as a multiple of the mean number of requests under way. */
  readonly share: number
  readonly mayGrow?: boolean
}

function runOf({ serviceMs, probeMs, waitP99Ms, share, mayGrow }: Situation): LoadRun {
  const measurement = sampleMeasurement((request) => ({ ...healthy(request), serviceMs }))
  const connections = Math.ceil((ratePerSec * serviceMs * share) / 1000)
  const waitNs = waitP99Ms * 1e6
  const probeNs = probeMs * 1e6
  return {
    ...sample,
    settings: { ...sample.settings, connections, ...(mayGrow ? { maxConnections: connections } : {}) },
    probe: { requests: 5, medianNs: probeNs, maxNs: probeNs },
    measurement: {
      ...measurement,
      connections: { opened: connections, reopened: 0, peak: connections },
      waits: { requests: 1000, waited: 500, p99Ns: waitNs, maxNs: waitNs },
    },
  }
}

const limits = (situation: Situation): readonly string[] =>
  judgeLoad(runOf(situation)).checks.flatMap(({ status, reason }) =>
    status !== 'ok' && reason.startsWith('connections were the limit') ? [reason] : [],
  )

/** Half as many requests may be under way as there are. */
const tooFew: Situation = { serviceMs: 100, probeMs: 100, waitP99Ms: 5000, share: 0.5 }

describe('connections are the limit', () => {
  test('when requests wait for one while the target answers as it did alone: the number needed is named', () => {
    const needed = Math.ceil(ratePerSec * 0.1 * 1.5)
    const [reason] = limits(tooFew)
    expect(Number(/--connections (\d+)/.exec(reason ?? '')?.[1]) / needed).toBeCloseTo(1, 1)
    expect(limits({ ...tooFew, mayGrow: true })[0]).toContain('--max-connections')
  })

  test.each([
    ['the target answers three times slower than alone', { ...tooFew, probeMs: 33 }],
    ['nobody waits', { ...tooFew, waitP99Ms: 0 }],
    ['there are more than the mean needs, as when the target stalled', { ...tooFew, share: 2 }],
  ])('not when %s', (_, situation) => {
    expect(limits(situation)).toEqual([])
  })
})
