import { statSync } from 'node:fs'
import { AnswerDigest, type AnswerOrder } from '../measure/answer.ts'
import { countStatement, type Counters } from '../measure/counters.ts'
import type { DriverName, Row, Rows } from '../target/connection.ts'
import { explainQueryPlan, type ExplainRow } from '../target/explain.ts'
import { NativeConnection } from '../target/native.ts'
import { openFile } from '../target/open.ts'

/** An operation on one variant, with the arguments it is looked at with. */
export type EvidenceOperation = {
  readonly id: string
  readonly sql: string
  readonly args: readonly Row[]
} & (
  | { readonly kind: 'read'; readonly order: AnswerOrder; readonly minRows: number; readonly maxRows: number }
  | { readonly kind: 'write' }
)

/** One variant to look at, in a process of its own. */
export interface EvidenceTask {
  readonly readPath: string
  /** Throw-away clone for writes; null when this variant's writes are not looked at. */
  readonly writePath: string | null
  readonly driver: DriverName
  readonly operations: readonly EvidenceOperation[]
}

/** What one operation does, without a clock. */
export interface OperationEvidence {
  readonly operation: string
  /** Equal for the same logical arguments, however a variant stores its ids. */
  readonly argumentsDigest: string
  readonly answerDigest: string | null
  readonly rows: number
  readonly executions: number
  readonly explain: readonly ExplainRow[]
  /** Rows read are there only where a server was asked. */
  readonly counters: Counters & { readonly walBytes: number | null; readonly rowsRead?: number }
  /** Why the answer cannot be right; null when nothing speaks against it. */
  readonly problem: string | null
}

/** Answers, plans and counters of every operation on one variant. Writes are committed to the clone. */
export async function gatherEvidence(task: EvidenceTask): Promise<readonly OperationEvidence[]> {
  const result: OperationEvidence[] = []
  for (const operation of task.operations) {
    if (operation.kind === 'read') result.push(await lookAtRead(task, operation))
    else if (task.writePath !== null) result.push(lookAtWrite(task.readPath, task.writePath, operation))
  }
  return result
}

export type ReadEvidence = EvidenceOperation & { readonly kind: 'read' }

async function lookAtRead(task: EvidenceTask, operation: ReadEvidence): Promise<OperationEvidence> {
  const answers = new AnswerCheck(operation)
  const connection = new NativeConnection(task.readPath, { readOnly: true })
  let counters: Counters
  try {
    counters = countStatement(connection, operation.sql, (statement) => {
      const columns = statement.columns().map(({ name }) => name)
      for (const args of operation.args) {
        const rows = statement.all(args)
        if (task.driver === 'libsql') answers.add({ columns, rows })
      }
    })
  } finally {
    connection.close()
  }
  if (task.driver !== 'libsql') await answersThroughDriver(task, operation, answers)
  return {
    operation: operation.id,
    argumentsDigest: digestOfArguments(operation.args),
    ...answers.result(),
    executions: operation.args.length,
    explain: explainQueryPlan(task.readPath, operation.sql, operation.args[0] ?? []),
    counters: { ...counters, walBytes: null },
  }
}

const digestDigits = 16

function digestOfArguments(tuples: readonly Row[]): string {
  const digest = new AnswerDigest()
  // One by one, for an answer's rows are a set and the tuples a sequence.
  for (const tuple of tuples) digest.add({ columns: [], rows: [tuple] }, { pageSize: Infinity })
  return digest.hex().slice(0, digestDigits)
}

/** Counters are the engine's, whoever asks; answers must come through the driver that is measured. */
async function answersThroughDriver(
  { readPath, driver }: EvidenceTask,
  operation: ReadEvidence,
  answers: AnswerCheck,
): Promise<void> {
  const connection = await openFile(readPath, driver, { readOnly: true })
  try {
    for (const args of operation.args) answers.add(await connection.query(operation.sql, args))
  } finally {
    connection.close()
  }
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

  result(): Pick<OperationEvidence, 'answerDigest' | 'rows' | 'problem'> {
    const empty = this.#rows === 0 ? 'no execution returned a row, so nothing would be measured' : null
    return { answerDigest: this.#digest.hex(), rows: this.#rows, problem: this.#problem ?? empty }
  }
}

function lookAtWrite(
  readPath: string,
  writePath: string,
  operation: EvidenceOperation & { readonly kind: 'write' },
): OperationEvidence {
  const explain = explainQueryPlan(readPath, operation.sql, operation.args[0] ?? [])
  const connection = new NativeConnection(writePath, { pragmas: ['PRAGMA wal_autocheckpoint = 0'] })
  try {
    connection.querySync('PRAGMA wal_checkpoint(TRUNCATE)')
    let rows = 0
    const counters = countStatement(connection, operation.sql, (statement) => {
      connection.scriptSync('BEGIN IMMEDIATE')
      for (const args of operation.args) rows += statement.run(args).changes
      connection.scriptSync('COMMIT')
    })
    const walBytes = statSync(`${writePath}-wal`).size
    return {
      operation: operation.id,
      argumentsDigest: digestOfArguments(operation.args),
      answerDigest: null,
      rows,
      executions: operation.args.length,
      explain,
      counters: { ...counters, walBytes },
      problem: rows === 0 ? 'no row was written, so nothing would be measured' : null,
    }
  } finally {
    connection.close()
  }
}
