import type { Operation } from '../../scenario/scenario.ts'
import type { Row } from '../../target/connection.ts'

/** An operation with the arguments of every variant: `args[v]` belongs to the v-th measured variant. */
export interface DrawnOperation {
  readonly operation: Operation
  readonly args: readonly (readonly Row[])[]
  /** Measured variants that take part. */
  readonly variants: readonly number[]
  /** Each variant's own form of the operation, where scenarios of two revisions are compared. */
  readonly own?: readonly Operation[]
}
