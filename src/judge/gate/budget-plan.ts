import type { Evidence } from '../../run/run.ts'
import { invalid, type BudgetJudgement } from './budget-judgement.ts'

/** Whether a plan shows what it must, all facts together. */
export function judgePlan(evidence: Evidence | undefined, facts: readonly string[]): BudgetJudgement {
  const named = { metric: 'plan', limit: facts.join(', ') }
  if (evidence === undefined) return invalid(named, 'no plan was looked at in this Run')
  if (evidence.plan.lines.length === 0)
    return invalid(named, 'the statement has no plan: it looks nothing up')
  const broken = facts.filter((fact) => !shows(evidence.plan, fact))
  return {
    ...named,
    word: broken.length === 0 ? 'pass' : 'fail',
    measured: null,
    reason:
      broken.length === 0
        ? `plan: ${facts.join(', ')}`
        : `plan does not keep «${broken.join('», «')}»: ${evidence.plan.summary}`,
    rounds: 0,
    samples: 0,
  }
}

function shows({ tempBTree, lines }: Evidence['plan'], fact: string): boolean {
  if (fact === 'no temp b-tree') return !tempBTree
  if (fact === 'no full scan') return !lines.some((line) => isFullScan(line, lines))
  const index = /^uses (\S+)$/.exec(fact)?.[1]?.toLowerCase()
  return index !== undefined && lines.some((line) => `${line.toLowerCase()} `.includes(` index ${index} `))
}

/** Reading the rows of a subquery or of a list of constants is no scan of a table. */
function isFullScan(line: string, lines: readonly string[]): boolean {
  const scanned = /^\s*SCAN (\S+)/.exec(line)?.[1]
  if (scanned === undefined || /^\s*SCAN (?:\d+ )?CONSTANT ROWS?\b/.test(line)) return false
  return !lines.some((other) => /^\s*(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(other)?.[1] === scanned)
}
