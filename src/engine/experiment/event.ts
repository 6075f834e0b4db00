import { InterruptedError } from '../../core/errors.ts'
import type { LoadedScenario } from '../../scenario/load.ts'

/** What the engine reports while it works; the command line prints it. */
export type EngineEvent =
  | { readonly kind: 'scenario'; readonly id: string; readonly title: string }
  | { readonly kind: 'seeding'; readonly rowsDone: number; readonly rowsTotal: number }
  | { readonly kind: 'step'; readonly scenario: string; readonly step: EngineStep }
  | {
      readonly kind: 'progress'
      readonly scenario: string
      readonly step: EngineStep
      readonly done: number
      readonly total: number
    }
  | { readonly kind: 'warning'; readonly scenario: string; readonly message: string }

/** Steps of a scenario, in their order. */
export type EngineStep =
  | 'staging databases'
  | 'drawing arguments'
  | 'cloning for writes'
  | 'comparing answers and counting'
  | 'counting rows on a libSQL server'
  | 'building indexes'
  | 'measuring cache memory'
  | 'timing client work'
  | 'timing'
  | 'verifying writes'

export type Emit = (event: EngineEvent) => void

/** Announces a step of a scenario. @throws InterruptedError in its place once the signal has aborted */
export type Step = (name: EngineStep) => void

/** Announces a scenario; returns what announces its steps. */
export function announce(
  { id, scenario }: LoadedScenario,
  { emit, signal }: { readonly emit: Emit; readonly signal: AbortSignal },
): Step {
  emit({ kind: 'scenario', id, title: scenario.title })
  return (step) => {
    if (signal.aborted) throw new InterruptedError()
    emit({ kind: 'step', scenario: id, step })
  }
}
