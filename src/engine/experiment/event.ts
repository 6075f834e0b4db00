/** What the engine tells while it works; the command line prints it. */
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
  | 'building indexes'
  | 'weighing caches'
  | 'timing client work'
  | 'timing'
  | 'verifying writes'

export type Emit = (event: EngineEvent) => void
