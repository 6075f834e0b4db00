import { statSync } from 'node:fs'
import { AnswerDigest, type AnswerOrder } from '../measure/answer.ts'
import { countStatement, type Counters } from '../measure/counters.ts'
import type { DriverName, Row } from '../target/connection.ts'
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
  readonly answerDigest: string | null
  readonly rows: number
  readonly executions: number
  readonly explain: readonly ExplainRow[]
  readonly counters: Counters & { readonly walBytes: number | null }
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

async function lookAtRead(
  task: EvidenceTask,
  operation: EvidenceOperation & { readonly kind: 'read' },
): Promise<OperationEvidence> {
  const connection = await openFile(task.readPath, task.driver, { readOnly: true })
  const digest = new AnswerDigest()
  let rows = 0
  let problem: string | null = null
  try {
    for (const args of operation.args) {
      const answer = await connection.query(operation.sql, args)
      rows += answer.rows.length
      if (answer.rows.length < operation.minRows || answer.rows.length > operation.maxRows) {
        problem ??= `${answer.rows.length} rows where ${operation.minRows} to ${operation.maxRows} are due`
      }
      digest.add(answer, operation.order)
    }
  } finally {
    connection.close()
  }
  if (rows === 0) problem ??= 'no execution returned a row, so nothing would be measured'
  return {
    operation: operation.id,
    answerDigest: digest.hex(),
    rows,
    executions: operation.args.length,
    explain: explainQueryPlan(task.readPath, operation.sql, operation.args[0] ?? []),
    counters: { ...countReads(task.readPath, operation), walBytes: null },
    problem,
  }
}

function countReads(path: string, operation: EvidenceOperation): Counters {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    return countStatement(connection, operation.sql, (statement) => {
      for (const args of operation.args) statement.all(args)
    })
  } finally {
    connection.close()
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
