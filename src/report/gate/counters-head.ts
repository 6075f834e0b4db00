import { plural } from '../../core/number-format.ts'
import type { Run } from '../../run/run.ts'
import { span } from '../render/document.ts'
import type { GateHead } from './gate-document.ts'

/** The head of a gate on counters against a stored Run, which messages know by `name`. */
export function countersHead(run: Run, stored: Run, name: string): GateHead {
  const ids = run.scenarios.map(({ id }) => id)
  const { scale, seed } = run.settings
  return {
    title: [
      span('gate on counters: '),
      span(ids.join(', '), 'strong'),
      span(' against '),
      span(name, 'strong'),
    ],
    how: `${plural(ids.length, 'scenario')} at scale ${scale}, seed ${seed}, SQLite ${run.environment.engine.sqlite}; exact, against what was saved on ${stored.startedAt.slice(0, 10)}; time is not judged`,
  }
}
