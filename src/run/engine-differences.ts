import type { Evidence, ScenarioRun } from './run.ts'

/** An operation that another engine answers otherwise than libSQL. */
export interface FoundDifference {
  readonly operation: string
  readonly variant: string
  readonly difference: NonNullable<Evidence['difference']>
}

/** Every difference between engines that a scenario found. */
export const differencesOf = ({ evidence }: ScenarioRun): readonly FoundDifference[] =>
  evidence.flatMap(({ operation, variant, difference }) =>
    difference === undefined ? [] : [{ operation, variant, difference }],
  )
