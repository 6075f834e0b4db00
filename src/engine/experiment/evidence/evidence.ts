import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AnswerDigest } from '../../../measure/answer.ts'
import { countStatement, type Counters } from '../../../measure/counters.ts'
import type { Connection, ExplainRow, Row } from '../../../target/connection.ts'
import { defaultDriver, loadDriver, type DriverName } from '../../../target/drivers.ts'
import { NativeConnection } from '../../../target/native.ts'
import { namingOperation } from '../../../measure/operation-error.ts'
import { sqlLiteral } from '../../../measure/engine-answer.ts'
import { bindable } from '../../../target/bindable.ts'
import type { Driver } from '../../../target/driver.ts'
import { AnswerCheck, askAll, type Answers, type EvidenceOperation, type ReadEvidence } from './ask-all.ts'
import { engineDifference, refusalOf, type EngineDifference } from './engine-difference.ts'
import { TaskConnections } from '../task-connections.ts'

/** What evidence to take of one variant, in a process of its own. */
export interface EvidenceTask {
  /** Of the scenario and the variant or side, for messages. */
  readonly scenario: string
  readonly variant: string
  readonly readPath: string
  /** Throw-away clone for writes; null when this variant's writes are not measured. */
  readonly writePath: string | null
  readonly driver: DriverName
  /** Where libSQL is asked for the answers that another engine must give; absent where the engine is libSQL. */
  readonly referencePath?: string
  readonly operations: readonly EvidenceOperation[]
  /** Reads are asked a second time, since an answer that does not repeat shows nothing of another variant. */
  readonly asksAgain: boolean
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
  /** What the engine of the driver counts, and no other: rows read are there only where a server was asked. */
  readonly counters: Partial<Counters> & { readonly walBytes: number | null; readonly rowsRead?: number }
  /** Why the answer cannot be right; null when nothing is wrong with it. */
  readonly problem: string | null
  /** How another engine than libSQL answers otherwise than it; absent where it does not. */
  readonly difference?: EngineDifference
}

/** Answers, plans and counters of every operation on one variant. Writes are committed to the clone. */
export async function gatherEvidence(
  task: EvidenceTask,
  driver?: Driver,
): Promise<readonly OperationEvidence[]> {
  const connections = new TaskConnections(driver ?? (await loadDriver(task.driver)))
  try {
    return await gatherThrough(connections, task)
  } finally {
    await connections.close()
  }
}

async function gatherThrough(
  connections: TaskConnections,
  task: EvidenceTask,
): Promise<readonly OperationEvidence[]> {
  const { scenario, variant, readPath, writePath, operations } = task
  const result = new Map<EvidenceOperation, OperationEvidence>()
  const named = <T>({ id }: EvidenceOperation, work: () => Promise<T> | T): Promise<T> =>
    namingOperation(`${scenario}: ${id} on ${variant}`, work)
  for (const operation of operations) {
    if (operation.kind === 'read') {
      result.set(operation, await named(operation, () => evidenceOfEngine(task, connections, operation)))
    } else if (writePath !== null) {
      const paths = { readPath, writePath }
      const write = (): Promise<OperationEvidence> => evidenceOfWrite(paths, connections, operation)
      result.set(operation, await named(operation, () => unlessRefused(task, operation, write)))
    }
  }
  if (!task.asksAgain) return [...result.values()]
  await sleep(betweenAskingsMs)
  for (const [operation, found] of result) {
    if (operation.kind === 'write' || found.difference !== undefined) continue
    const again = await named(operation, async () =>
      askAll(await connections.to(readPath, 'read'), operation),
    )
    result.set(operation, withProblem(found, again))
  }
  return [...result.values()]
}

/** Long enough for a clock in milliseconds to move on. */
const betweenAskingsMs = 20

/** Adds the problem of an answer that the same database does not repeat when it is asked again. */
export function withProblem<T extends Answers>(found: T, again: Answers): T {
  return found.answerDigest === again.answerDigest
    ? found
    : { ...found, problem: found.problem ?? notRepeated }
}

const notRepeated =
  "its answer does not repeat on one database: asked again with the same arguments, it returned other rows. It depends on the clock or on chance, such as datetime('now') or random(); give such values as arguments, or leave them out"

/** As `evidenceOfRead`, after another engine's answers were compared with libSQL's on the same rows. */
async function evidenceOfEngine(
  task: EvidenceTask,
  connections: TaskConnections,
  operation: ReadEvidence,
): Promise<OperationEvidence> {
  const { readPath, referencePath } = task
  if (referencePath === undefined) return evidenceOfRead(task, connections, operation)
  const reference = new NativeConnection(referencePath, { readOnly: true })
  try {
    const difference = await engineDifference(reference, await connections.to(readPath, 'read'), operation)
    if (difference?.kind === 'refused') return refused(operation, difference)
    const found = await evidenceOfRead(task, connections, operation)
    return difference === undefined ? found : { ...found, difference }
  } finally {
    reference.close()
  }
}

/** What an engine refuses is nothing that libSQL's answers could be compared with. */
const refused = ({ id, args }: EvidenceOperation, difference: EngineDifference): OperationEvidence => ({
  operation: id,
  argumentsDigest: digestOfArguments(args),
  answerDigest: null,
  rows: 0,
  executions: args.length,
  explain: [],
  counters: { walBytes: null },
  problem: null,
  difference,
})

async function unlessRefused(
  { referencePath }: EvidenceTask,
  operation: WriteEvidence,
  write: () => Promise<OperationEvidence>,
): Promise<OperationEvidence> {
  try {
    return await write()
  } catch (error) {
    const refusal = referencePath === undefined ? undefined : refusalOf(error)
    if (refusal === undefined) throw error
    const {
      sql,
      args: [first = []],
    } = operation
    const shown = { sql, args: bindable(first).map(sqlLiteral), expected: null, found: null }
    return refused(operation, { kind: 'refused', refusal, ...shown })
  }
}

async function evidenceOfRead(
  { readPath, driver }: EvidenceTask,
  connections: TaskConnections,
  operation: ReadEvidence,
): Promise<OperationEvidence> {
  const [firstArgs = []] = operation.args
  const counted = connections.driver.usesEmbeddedLibsql ? countRead(readPath, operation) : undefined
  const reader = driver === defaultDriver ? undefined : await connections.to(readPath, 'read')
  const answers = reader === undefined ? undefined : await askAll(reader, operation)
  const answered = answers ?? counted?.answers
  if (answered === undefined) throw new RangeError(`${driver}: nobody was asked`)
  return {
    operation: operation.id,
    argumentsDigest: digestOfArguments(operation.args),
    ...answered,
    executions: operation.args.length,
    explain: await connections.explain(readPath, operation.sql, firstArgs),
    counters: { ...counted?.counters, ...(await rowsRead(reader, operation)), walBytes: null },
  }
}

/** What the engine itself counts, where it does. */
async function rowsRead(
  reader: Connection | undefined,
  { sql, args }: ReadEvidence,
): Promise<{ readonly rowsRead?: number }> {
  if (reader?.countRows === undefined) return {}
  let sum = 0
  for (const tuple of args) sum += (await reader.countRows(sql, tuple)).rowsRead
  return { rowsRead: sum }
}

/** What embedded libSQL counts, whoever asks it, and what it answers through its own binding. */
function countRead(
  path: string,
  operation: ReadEvidence,
): { readonly counters: Counters; readonly answers: Answers } {
  const answers = new AnswerCheck(operation)
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    const counters = countStatement(connection, operation.sql, (statement) => {
      const columns = statement.columns().map(({ name }) => name)
      statement.safeIntegers(true)
      for (const args of operation.args) answers.add({ columns, rows: statement.all(args) })
    })
    return { counters, answers: answers.result() }
  } finally {
    connection.close()
  }
}

const digestDigits = 16

function digestOfArguments(tuples: readonly Row[]): string {
  const digest = new AnswerDigest()
  // One by one, for an answer's rows are a set and the tuples a sequence.
  for (const tuple of tuples) digest.add({ columns: [], rows: [tuple] }, { pageSize: Infinity })
  return digest.hex().slice(0, digestDigits)
}

async function evidenceOfWrite(
  { readPath, writePath }: { readonly readPath: string; readonly writePath: string },
  connections: TaskConnections,
  operation: WriteEvidence,
): Promise<OperationEvidence> {
  const { rows, counters } = connections.driver.usesEmbeddedLibsql
    ? countWrite(writePath, operation)
    : await writeAll(await connections.to(writePath, 'write'), operation)
  return {
    operation: operation.id,
    argumentsDigest: digestOfArguments(operation.args),
    answerDigest: null,
    rows,
    executions: operation.args.length,
    explain: await connections.explain(readPath, operation.sql, operation.args[0] ?? []),
    counters,
    problem: rows === 0 ? 'no row was written, so nothing would be measured' : null,
  }
}

type WriteEvidence = EvidenceOperation & { readonly kind: 'write' }
type Written = Pick<OperationEvidence, 'rows' | 'counters'>

function countWrite(writePath: string, { sql, args }: WriteEvidence): Written {
  const connection = new NativeConnection(writePath, { pragmas: ['PRAGMA wal_autocheckpoint = 0'] })
  try {
    connection.querySync('PRAGMA wal_checkpoint(TRUNCATE)')
    let rows = 0
    const counters = countStatement(connection, sql, (statement) => {
      connection.scriptSync('BEGIN IMMEDIATE')
      for (const tuple of args) rows += statement.run(tuple).changes
      connection.scriptSync('COMMIT')
    })
    return { rows, counters: { ...counters, walBytes: statSync(`${writePath}-wal`).size } }
  } finally {
    connection.close()
  }
}

async function writeAll(connection: Connection, { sql, args }: WriteEvidence): Promise<Written> {
  let rows = 0
  await connection.transaction('write', async () => {
    for (const tuple of args) rows += (await connection.execute(sql, tuple)).rowsChanged
  })
  return { rows, counters: { walBytes: null } }
}
