import { describe, expect, test } from 'vitest'
import { quantileDispersion } from '../../src/run/load/load-quantile.ts'
import { latencyCases, simulateCase } from './load-simulation.ts'

const load = { seconds: 17, ratePerSec: 100 }
const options = { loads: 150, seed: 4 }
const result = (title: string, more: Partial<Parameters<typeof simulateCase>[3]> = {}) => {
  const one = latencyCases.find((each) => each.title.startsWith(title))
  if (one === undefined) throw new Error(`no case ${title}`)
  const [found] = simulateCase(one, load, [0.95], { ...options, ...more })
  if (found === undefined) throw new Error('one quantile was asked for')
  return found
}

describe('the P95 of a load', () => {
  test.each(['log-normal, σ 0.5', '8 % at 5×', 'level correlated over 0.05 s', 'stalls', 'drift to 1.3×'])(
    '%s: is near the truth, and its interval holds it as often as is said',
    (title) => {
      const { bias, covered, refused } = result(title)
      expect(Math.abs(bias)).toBeLessThan(0.03)
      // 95 % of 150, within three standard deviations.
      expect(covered).toBeGreaterThan(0.89)
      expect(covered).toBeLessThan(0.995)
      expect(refused).toBeLessThan(0.3)
    },
  )

  test('covers too little where requests are taken for independent although they are not', () => {
    const independent = { kind: 'estimated', factor: 1, degreesOfFreedom: 15 } as const
    expect(result('stalls', { estimate: () => independent }).covered).toBeLessThan(0.7)
    expect(result('level correlated over 0.05 s', { estimate: () => independent }).covered).toBeLessThan(0.8)
  })

  test('is refused an interval where latencies swing over seconds, more often than not', () => {
    expect(result('level correlated over 2 s').refused).toBeGreaterThan(0.5)
  })

  test('has no interval in fewer than ten seconds', () => {
    const second = { valuesNs: [1, 2], counts: [50, 50], samples: 100 }
    expect(
      quantileDispersion(
        Array.from({ length: 9 }, () => second),
        0.5,
      ).kind,
    ).toBe('refused')
    expect(
      quantileDispersion(
        Array.from({ length: 10 }, () => second),
        0.5,
      ).kind,
    ).toBe('estimated')
  })
})
