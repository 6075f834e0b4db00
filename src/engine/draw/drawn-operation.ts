import type { Operation } from '../../scenario/scenario.ts'
import type { Row } from '../../target/connection.ts'

/** A variant that takes part in an operation, with its arguments. */
export interface DrawnSide {
  /** Id of the measured variant, or of the side of a gate. */
  readonly variant: string
  /** Its own form of the operation where scenarios of two revisions are compared; else the one that all share. */
  readonly operation: Operation
  readonly args: readonly Row[]
}

/** An operation with the arguments of every variant that takes part in it. */
export interface DrawnOperation {
  readonly operation: Operation
  readonly sides: readonly DrawnSide[]
}

/** Whether variants have forms of their own of an operation. */
export const hasOwnForms = ({ operation, sides }: DrawnOperation): boolean =>
  sides.some((side) => side.operation !== operation)

/** The operations with those sides that are wanted; an operation without one is left out. */
export const onlySides = (
  drawn: readonly DrawnOperation[],
  isWanted: (operation: string, variant: string) => boolean,
): readonly DrawnOperation[] =>
  drawn.flatMap((each) => {
    const sides = each.sides.filter(({ variant }) => isWanted(each.operation.id, variant))
    return sides.length === 0 ? [] : [{ ...each, sides }]
  })
