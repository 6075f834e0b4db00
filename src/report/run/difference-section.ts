import { differencesOf } from '../../run/engine-differences.ts'
import type { ScenarioRun } from '../../run/run.ts'
import { heading, list, span, type Block, type Span } from '../render/document.ts'

/** What other engines answer otherwise than libSQL or refuse, each with the smallest statement that shows it. */
export function differenceSection(scenario: ScenarioRun): readonly Block[] {
  const differences = differencesOf(scenario)
  if (differences.length === 0) return []
  return [
    heading(3, span('Answers that differ from libSQL', 'bad')),
    ...list(
      differences.map(({ operation, variant, difference }): readonly Span[] => {
        const { kind, refusal, sql, args, expected, found } = difference
        const what =
          refusal === null
            ? `${words[kind]}: ${expected ?? 'no row'} → ${found ?? 'no row'}`
            : `refused: ${refusal}`
        const bound = args.length === 0 ? '' : ` with ${args.join(', ')}`
        return [
          span(`${operation} on ${variant}: `, 'strong'),
          span(what),
          span(` by: ${sql}${bound}; not timed there`, 'dim'),
        ]
      }),
    ),
  ]
}

const words = {
  columns: 'another number of columns',
  rows: 'other rows',
  order: 'another order',
  values: 'other values',
  refused: 'refused',
} as const
