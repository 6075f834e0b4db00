import { describe, expect, test } from 'vitest'
import type { LoadedScenario } from '../../../scenario/load.ts'
import type { VariantEvidence } from './variant-evidence.ts'
import { compareAnswers } from './compare-answers.ts'
import type { OperationEvidence } from './evidence.ts'

const loaded = {
  id: 'mine',
  scenario: {
    operations: [
      { id: 'Q1', sql: 'SELECT 1' },
      { id: 'Q2', sql: 'SELECT current_name' },
      { id: 'Q3', sql: "SELECT julianday('now')" },
    ],
  },
} as unknown as LoadedScenario
const variants = [{ id: 'baseline' }, { id: 'composite' }]
const found = (operation: string, more: Partial<OperationEvidence> = {}): OperationEvidence => ({
  operation,
  argumentsDigest: 'def',
  answerDigest: 'abc',
  rows: 24,
  executions: 24,
  explain: [],
  counters: { vmSteps: 1, fullScanSteps: 0, sorts: 0, autoIndexRows: 0, walBytes: null },
  problem: null,
  ...more,
})
const evidence = (ofComposite: readonly OperationEvidence[]): readonly VariantEvidence[] => [
  { variant: 'baseline', operations: [found('Q1'), found('Q2')] },
  { variant: 'composite', operations: ofComposite },
]
const compare = (...ofComposite: readonly OperationEvidence[]): void =>
  compareAnswers(loaded, variants, evidence(ofComposite))

describe('right before fast', () => {
  test('variants that answer alike may be measured, also where one takes no part', () => {
    expect(() => compare(found('Q1'), found('Q2'))).not.toThrow()
    expect(() => compare(found('Q1'))).not.toThrow()
  })

  test.each([{ answerDigest: 'other' }, { rows: 23 }])('a variant with %j is refused', (more) => {
    expect(() => compare(found('Q1'), found('Q2', more))).toThrow(
      expect.objectContaining({
        code: 'ANSWERS_DIFFER',
        exit: 4,
        message: expect.stringMatching(
          /^mine: Q2 answers otherwise on composite than on baseline \((other values in 24|23 rows where baseline gave 24)/,
        ),
      }),
    )
  })

  test('a statement that asks the clock or chance is what is blamed, not the other variant', () => {
    const both = (more: Partial<OperationEvidence> = {}) => [found('Q1'), found('Q2'), found('Q3', more)]
    const evidence = [
      { variant: 'baseline', operations: both() },
      { variant: 'composite', operations: both({ answerDigest: 'other' }) },
    ]
    expect(() => compareAnswers(loaded, variants, evidence)).toThrow(
      expect.objectContaining({
        code: 'WRONG_ANSWER',
        exit: 4,
        message: expect.stringMatching(
          /^mine: Q3: its answer does not repeat: 'now' makes it depend on the clock/,
        ),
      }),
    )
  })

  test('a wrong answer is refused even where all are wrong alike', () => {
    expect(() => compare(found('Q1', { problem: '0 rows where 1 to 20 are due' }))).toThrow(
      expect.objectContaining({
        code: 'WRONG_ANSWER',
        exit: 4,
        message: 'mine: Q1 on composite: 0 rows where 1 to 20 are due',
      }),
    )
  })
})
