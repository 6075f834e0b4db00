import { UsageError } from '../../core/errors.ts'
import { streamKey } from '../../random/random.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { statementShape } from '../../scenario/statement.ts'
import { sqlFilePieces } from '../../schema/sql/sql-file.ts'
import { scriptStatements } from '../../schema/sql/statements.ts'
import type { Row } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { argumentTuples, drawRows } from '../draw/draw-arguments.ts'

/** A statement whose plan matters, with the arguments that it is explained and counted with. */
export interface WorkloadStatement {
  /** Id of the operation, or `line 12`. */
  readonly id: string
  readonly kind: 'read' | 'write'
  readonly sql: string
  /** One execution each; of a write all of them are one transaction. The plan is that of the first. */
  readonly argsList: readonly Row[]
}

/** Executions of a read that its steps are counted over: its arguments differ in what they find. */
const readTuples = 24

/**
 * The operations of a scenario, with arguments drawn from a copy of the database.
 * @throws UsageError where an operation does not fit the database
 */
export async function scenarioWorkload(
  { id: scenario, scenario: { operations }, dataset }: LoadedScenario,
  path: string,
  seed: number,
): Promise<readonly WorkloadStatement[]> {
  const connection = new NativeConnection(path, { readOnly: true })
  try {
    const statements: WorkloadStatement[] = []
    for (const operation of operations) {
      const count = operation.kind === 'read' ? readTuples : operation.statementsPerTransaction
      const key = streamKey(seed, scenario, operation.id)
      const rows = await drawRows([connection], operation, count, key)
      const argsList = await argumentTuples(
        connection,
        operation,
        rows,
        count,
        key,
        'the database',
        dataset.ids,
      )
      statements.push({ id: operation.id, kind: operation.kind, sql: operation.sql, argsList })
    }
    return statements
  } finally {
    connection.close()
  }
}

const verbs = new Set(['SELECT', 'VALUES', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE'])

/**
 * The statements of a SQL file, in their order; each is run as it stands there.
 * @throws UsageError SQL_FILE with the line
 */
export function sqlWorkload(path: string): readonly WorkloadStatement[] {
  const statements: WorkloadStatement[] = []
  try {
    for (const { text, line } of scriptStatements(sqlFilePieces(path, 'refuse'))) {
      const { verb, placeholders, otherPlaceholders } = statementShape(text)
      const refuse = (why: string): never => {
        throw new UsageError('SQL_FILE', `${path}:${line}: ${why}`)
      }
      if (!verbs.has(verb))
        refuse('only SELECT, VALUES, INSERT, UPDATE, DELETE and REPLACE are explained; take it out')
      if (placeholders + otherPlaceholders.length > 0)
        refuse('has placeholders; write values in their place, for the plan depends on them')
      const kind = verb === 'SELECT' || verb === 'VALUES' ? 'read' : 'write'
      statements.push({ id: `line ${line}`, kind, sql: text, argsList: [[]] })
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw unreadable(path, error)
  }
  if (statements.length > 0) return statements
  throw new UsageError('SQL_FILE', `${path}: holds no statement; write some, separated by semicolons`)
}

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT')
    return new UsageError('SQL_FILE', `${path}: is not there; name a SQL file with --sql`)
  if (code === 'EISDIR') return new UsageError('SQL_FILE', `${path}: is a folder; name a SQL file with --sql`)
  if (code === 'EACCES') return new UsageError('SQL_FILE', `${path}: no permission to read it`)
  if (error instanceof TypeError)
    return new UsageError('SQL_FILE', `${path}: is no text in UTF-8; save it as UTF-8`)
  return error
}
