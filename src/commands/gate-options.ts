import type { GateFormatName } from '../report/formats.ts'
import type { DataOptions, JsonOption } from './console.ts'

/** A report beside the terminal's: `--report junit=gate.xml`. */
export interface ReportOrder {
  readonly format: GateFormatName
  readonly file: string
}

/** Flags of `forgebench gate`. */
export interface GateOptions extends DataOptions {
  /** Names of the options that the user gave, as apart from defaults. */
  readonly chosen: ReadonlySet<string>
  /** A side to run (`variant:…`, `git:…`, `migrations:…`, a database or a server), or a stored Run. */
  readonly baseline?: string
  readonly candidate?: string
  /** Environment variables that hold the tokens of the candidate's and the baseline's server. */
  readonly authTokenEnv?: string
  readonly baselineAuthTokenEnv?: string
  readonly operations?: string
  readonly tolerance: number
  readonly smallestEffect: number
  readonly operationMs: number
  readonly quantile: 'p50' | 'p95'
  readonly maxSeconds: number
  readonly orderSeed?: number
  readonly countersOnly?: true
  readonly saveBaseline?: string | true
  readonly from?: readonly string[]
  readonly force?: true
  readonly report: readonly ReportOrder[]
  readonly out: string
  readonly json?: JsonOption
}
