import { describe, expect, test } from 'vitest'
import type { CountedOperation } from '../experiment/evidence/variant-evidence.ts'
import { markUnsteady } from './measure-counters.ts'

const found = (
  operation: string,
  counters: Partial<CountedOperation['counters']> = {},
  rows = 3,
): CountedOperation => ({
  operation,
  argumentsDigest: 'a',
  answerDigest: 'b',
  rows,
  executions: 24,
  explain: [],
  counters: { vmSteps: 5, fullScanSteps: 0, sorts: 0, autoIndexRows: 0, walBytes: null, ...counters },
  problem: null,
})
const evidence = (...operations: readonly CountedOperation[]) => [{ variant: 'baseline', operations }]

describe('two looks at the same scenario', () => {
  test('name what the second did not repeat, and keep the first', () => {
    const first = evidence(found('Q1'), found('Q2'), found('W1', { walBytes: 100 }))
    const second = evidence(
      found('Q1'),
      found('Q2', { vmSteps: 6, sorts: 1 }),
      found('W1', { walBytes: 101 }, 4),
    )
    const [marked] = markUnsteady(first, second)
    expect(marked?.operations.map(({ unsteady }) => unsteady)).toEqual([
      [],
      ['vmSteps', 'sorts'],
      ['rows', 'walBytes'],
    ])
    expect(marked?.operations.map(({ counters }) => counters.vmSteps)).toEqual([5, 5, 5])
  })
})
