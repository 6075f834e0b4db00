import { AnswerDigest, type AnswerOrder } from '../../../measure/answer.ts'
import type { Connection, Row, Rows } from '../../../target/connection.ts'

/** An operation on one variant, with the arguments that evidence is taken with. */
export type EvidenceOperation = {
  readonly id: string
  readonly sql: string
  readonly args: readonly Row[]
} & (
  | { readonly kind: 'read'; readonly order: AnswerOrder; readonly minRows: number; readonly maxRows: number }
  | { readonly kind: 'write' }
)

/** What all executions of a read answered. */
export interface Answers {
  readonly answerDigest: string | null
  readonly rows: number
  /** Why the answer cannot be right; null when nothing is wrong with it. */
  readonly problem: string | null
}

export type ReadEvidence = EvidenceOperation & { readonly kind: 'read' }

/** Asks a database an operation with all its arguments. */
export async function askAll(database: Pick<Connection, 'query'>, operation: ReadEvidence): Promise<Answers> {
  const answers = new AnswerCheck(operation)
  for (const args of operation.args) answers.add(await database.query(operation.sql, args))
  return answers.result()
}

/** Digest of consecutive answers, and whether each has the rows that it should. */
export class AnswerCheck {
  readonly #operation: ReadEvidence
  readonly #digest = new AnswerDigest()
  #rows = 0
  #problem: string | null = null

  constructor(operation: ReadEvidence) {
    this.#operation = operation
  }

  add(answer: Rows): void {
    const { minRows, maxRows, order } = this.#operation
    this.#rows += answer.rows.length
    if (answer.rows.length < minRows || answer.rows.length > maxRows) {
      this.#problem ??= `${answer.rows.length} rows where ${minRows} to ${maxRows} are due`
    }
    this.#digest.add(answer, order)
  }

  result(): Answers {
    const empty = this.#rows === 0 ? 'no execution returned a row, so nothing would be measured' : null
    return { answerDigest: this.#digest.hex(), rows: this.#rows, problem: this.#problem ?? empty }
  }
}
