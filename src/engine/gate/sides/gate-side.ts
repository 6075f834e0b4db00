import type { ExpandedVariant } from '../../../scenario/expand.ts'
import type { LoadedScenario, ScenarioPlace } from '../../../scenario/load.ts'
import type { Datasets } from '../../../scenario/resolve-dataset.ts'
import type { Scratch } from '../../../stage/scratch-folder.ts'

/** Where a side's rows and schema come from. */
export type SidePlace =
  | { readonly kind: 'variant'; readonly variant: ExpandedVariant }
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'server'
      /** Without credentials. */
      readonly url: string
      /** Environment variable that holds its token; a token itself is in no value that could be written. */
      readonly authTokenEnv: string | null
    }

/** One side of a gate: what was asked for, and what that means. */
export interface GateSide {
  readonly spec: string
  /** The scenario whose statements and arguments it runs; of another revision, that revision's. */
  readonly loaded: LoadedScenario
  /** Full id of the commit that scenario and migrations come from; null for the working tree. */
  readonly commit: string | null
  readonly place: SidePlace
}

/** A side as it was asked for, with what there is to make it from. */
export interface SideOrder {
  readonly flag: '--baseline' | '--candidate'
  readonly spec: string
  readonly scenario: ScenarioPlace
  readonly datasets: Datasets
  /** The scenario as it is now; loaded when somebody needs it. */
  readonly working: () => Promise<LoadedScenario>
  /** The variant that the other side names, for a side that names none. */
  readonly otherVariant: string | undefined
  /** The flag that names the variable with a server's token, and the variable. */
  readonly token: { readonly flag: string; readonly name: string | null }
  /** A folder that is removed after the gate; made when somebody needs it. */
  readonly scratch: Scratch
}

/** A kind of side: `variant:…`, `git:…` and so on. */
export interface SideKind {
  /** How it is written, for messages. */
  readonly form: string
  readonly matches: (spec: string) => boolean
  /** The variant that a side of this kind names, if it does. */
  readonly variantOf?: (spec: string) => string | undefined
  /** @throws UsageError or TargetError, in one line that begins with the flag */
  readonly read: (order: SideOrder) => Promise<GateSide>
}
