import type { Run } from '../../run/run.ts'
import { span } from '../render/document.ts'
import type { GateHead } from './gate-document.ts'

/** The head of a gate on absolute budgets. */
export function budgetsHead({ scenarios, settings }: Run): GateHead {
  const { scale, seed, analyses } = settings
  const rounds = analyses.at(-1)?.rounds ?? 0
  return {
    title: [span('gate on budgets: '), span(scenarios.map(({ id }) => id).join(', '), 'strong')],
    how:
      rounds === 0
        ? `plans, counters and sizes at scale ${scale}, seed ${seed}; exact, without a clock`
        : `at scale ${scale}, seed ${seed}; times over ${rounds} rounds in fresh processes of this machine, the rest exact`,
  }
}
