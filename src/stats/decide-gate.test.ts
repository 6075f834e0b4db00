import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomSequence } from '../random/random.ts'
import { decideGate, type GateOperation, type GateRule } from './decide-gate.ts'
import { gateBudget } from './interim-analyses.ts'
import type { RoundEvidence, SlowSlices } from './round-evidence.ts'

const rule: GateRule = {
  quantile: 'p95',
  toleranceRatio: 1.02,
  smallestEffectRatio: 1.1,
  budget: gateBudget,
}

const noStalls: SlowSlices = { pairs: 25, baseline: 0, candidate: 0 }

/** The candidate takes `ratios[i]` times as long in round i + 1. */
function operation(id: string, ratios: readonly number[], slow: SlowSlices = noStalls): GateOperation {
  const rounds = ratios.map((ratio, i): RoundEvidence => ({
    round: i + 1,
    effect: Math.log(ratio),
    samples: { baseline: 1000, candidate: 1000 },
    slow,
  }))
  return { id, rounds }
}

/** Its first round has so few samples that they say nothing. */
function starved(samples: number): GateOperation {
  const { id, rounds } = operation('Q1', around(1, 8))
  const few = { effect: null, samples: { baseline: samples, candidate: 1000 } }
  return { id, rounds: rounds.map((each, i) => (i === 0 ? { ...each, ...few } : each)) }
}

/** `rounds` ratios around `centre` that differ a little. */
const around = (centre: number, rounds: number): readonly number[] =>
  Array.from({ length: rounds }, (_, i) => centre * (1 + 0.001 * ((i % 5) - 2)))

const one = (ratios: readonly number[]) => decideGate([operation('Q1', ratios)], rule)

describe('decideGate', () => {
  test('fails what is significantly slower than the tolerance, with bounds around the truth', () => {
    const { status, operations } = one(around(1.15, 8))
    expect(status).toBe('fail')
    expect(operations[0]).toMatchObject({ status: 'fail', ratio: { rounds: 8, lowAlpha: 1 / 256 } })
    const ratio = operations[0]?.status === 'fail' ? operations[0].ratio : undefined
    expect(ratio?.low).toBeLessThan(1.15)
    expect(ratio?.high).toBeGreaterThan(1.15)
    expect(ratio?.low).toBeGreaterThan(1.02)
  })

  test('passes what is significantly slower by less than what matters, and tells what is faster', () => {
    expect(one(around(1.01, 8)).status).toBe('pass')
    expect(one(around(0.8, 8)).status).toBe('improved')
  })

  test('waits for the first analysis, and goes on while the analyses do not tell', () => {
    expect(one(around(1.15, 7)).status).toBe('undecided')
    const wild = Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 1.3 : 0.8))
    expect(one(wild.slice(0, 17)).status).toBe('undecided')
    expect(one(wild)).toMatchObject({ status: 'inconclusive', operations: [{ ratio: { rounds: 18 } }] })
  })

  test('does not change its mind when rounds follow the analysis that decided', () => {
    const ratios = [...around(1.15, 8), ...around(0.5, 10)]
    expect(one(ratios)).toEqual(one(ratios.slice(0, 8)))
  })

  test('of three operations fails for one of them, but not before ten rounds', () => {
    const three = (rounds: number): readonly GateOperation[] => [
      operation('Q1', around(1, 8)),
      operation('Q2', around(1.2, rounds)),
      operation('Q3', around(0.7, 8)),
    ]
    expect(decideGate(three(8), rule).status).toBe('undecided')
    const decided = decideGate(three(10), rule)
    expect(decided.status).toBe('fail')
    expect(decided.operations.map(({ status }) => status)).toEqual(['pass', 'fail', 'improved'])
  })

  test.each([
    ['nothing measured', [operation('Q1', [])], /nothing was measured/],
    ['one operation that was not measured', [operation('Q1', around(1, 8)), operation('Q2', [])], /nothing/],
    [
      'too few samples',
      [starved(39)],
      /39 samples in round 1, but the p95 needs 400 .*--quantile p50 .*--operations.*--operation-ms/,
    ],
    ['no samples on one side', [starved(0)], /nothing was measured on both sides in round 1/],
  ])('is invalid with %s, whatever the rest says', (_, operations, reason) => {
    const { status, operations: decisions } = decideGate(operations, rule)
    expect(status).toBe('invalid')
    expect(decisions.map((each) => (each.status === 'invalid' ? each.reason : '')).join('')).toMatch(reason)
  })

  test('is invalid without operations and when a round is missing', () => {
    expect(decideGate([], rule).status).toBe('invalid')
    const { id, rounds } = operation('Q1', around(1, 9))
    const gap = { id, rounds: rounds.filter(({ round }) => round !== 4) }
    expect(decideGate([gap], rule).operations).toEqual([
      { operation: 'Q1', status: 'invalid', reason: 'round 4 is missing' },
    ])
  })

  test('fails a candidate that stalls more often, whatever its quantile says, and says for what', () => {
    const stalling = operation('Q1', around(1, 8), { pairs: 25, baseline: 0, candidate: 2 })
    expect(decideGate([stalling], rule).operations).toMatchObject([
      { status: 'fail', causes: ['stalls'], stalls: { pairs: 200, baseline: 0, candidate: 16 } },
    ])
  })

  test('does not mind stalls of both sides, or of the baseline', () => {
    const both = operation('Q1', around(1, 8), { pairs: 25, baseline: 2, candidate: 2 })
    expect(decideGate([both], rule).status).toBe('pass')
    const baseline = operation('Q1', around(1, 8), { pairs: 25, baseline: 5, candidate: 0 })
    expect(decideGate([baseline], rule).status).toBe('pass')
  })

  test('passes nothing while its stalls are suspicious: more rounds are due', () => {
    const few = (rounds: number, candidate: number) =>
      decideGate([operation('Q1', around(1, rounds), { pairs: 25, baseline: 0, candidate })], rule).status
    expect(few(8, 1)).toBe('undecided')
    expect(few(12, 1)).toBe('fail')
  })

  /** With one analysis there is no earlier one that may decide the other way. */
  const single: GateRule = { ...rule, budget: [{ rounds: 8, alpha: 1 / 256, stallAlpha: 0.0003 }] }
  const atOneLook = (ratios: readonly number[]) => decideGate([operation('Q1', ratios)], single).status
  const eightRatios = fc.array(fc.double({ min: 0.9, max: 1.2, noNaN: true }), { minLength: 8, maxLength: 8 })

  test('says the opposite of the sides exchanged: what fails has improved', () => {
    fc.assert(
      fc.property(eightRatios, fc.double({ min: 0.8, max: 1.25, noNaN: true }), (values, factor) => {
        const there = atOneLook(values.map((ratio) => ratio * factor))
        const back = atOneLook(values.map((ratio) => 1 / (ratio * factor)))
        expect(there === 'fail').toBe(back === 'improved')
        expect(there === 'improved').toBe(back === 'fail')
      }),
    )
  })

  test('never calls a slower candidate better than it called a faster one', () => {
    const badness = ['improved', 'pass', 'undecided', 'inconclusive', 'fail']
    fc.assert(
      fc.property(eightRatios, fc.double({ min: 1, max: 1.5, noNaN: true }), (values, factor) => {
        const slower = atOneLook(values.map((ratio) => ratio * factor))
        expect(badness.indexOf(slower)).toBeGreaterThanOrEqual(badness.indexOf(atOneLook(values)))
      }),
    )
  })
})

/** Shares of simulated gates of three operations whose rounds have the effect and a noise that roles make symmetric. */
function simulate(
  effects: readonly number[],
  noise: number,
  gates: number,
): Readonly<Record<string, number>> {
  const random = randomSequence(7)
  const counts: Record<string, number> = {}
  for (let gate = 0; gate < gates; gate++) {
    const operations = effects.map((effect, index) =>
      operation(
        `Q${index}`,
        Array.from({ length: 18 }, () => {
          // Heavy tails: one round in ten is five times as wild.
          const wild = random() < 0.1 ? 5 : 1
          const role = random() < 0.5 ? -1 : 1
          return effect * Math.exp(role * (0.3 + random()) * noise * wild)
        }),
      ),
    )
    const { status } = decideGate(operations, rule)
    counts[status] = (counts[status] ?? 0) + 1 / gates
  }
  return counts
}

describe('simulated gates of three operations', () => {
  test('give fewer than 1 % false alarms at the very edge of the tolerance', () => {
    // Five standard errors of 2000 gates at 1 % are 1.1 %; seeded, so it cannot flake.
    expect(simulate([1.02, 1.02, 1.02], 0.05, 2000)['fail'] ?? 0).toBeLessThan(0.021)
  })

  test('give next to none on equal sides, and find +10 % in one operation', () => {
    expect(simulate([1, 1, 1], 0.02, 500)['fail'] ?? 0).toBeLessThan(0.004)
    expect(simulate([1, 1.1, 1], 0.02, 500)['fail']).toBeGreaterThan(0.95)
  })

  test('pass with +10 % in fewer than 1 %, however noisy', () => {
    // Five standard errors of 700 gates at 1 % are 1.9 %.
    for (const noise of [0.01, 0.1, 0.3]) {
      const { pass = 0, improved = 0 } = simulate([1, 1, 1.1], noise, 700)
      expect(pass + improved).toBeLessThan(0.029)
    }
  })
})
