import { z } from 'zod'
import { TargetError } from '../../core/errors.ts'
import type { Row, SqlValue } from '../connection.ts'

/** What a libSQL server counted of one execution of a statement. */
export interface CountedRows {
  readonly rowsRead: number
  readonly rowsWritten: number
  /** Milliseconds, by its own clock. */
  readonly serverMs: number
}

/** A statement with the arguments of each execution. */
export interface CountedStatement {
  readonly sql: string
  readonly argsList: readonly Row[]
  /** Runs all executions in one transaction and takes it back, so that a write leaves nothing behind. */
  readonly undo?: true
}

const rows = z.number().int().nonnegative()
const result = z.object({
  rows_read: rows,
  rows_written: rows,
  query_duration_ms: z.number().nonnegative(),
})
const answer = z.object({
  results: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('ok'), response: z.object({ result: z.unknown().optional() }) }),
      z.object({ type: z.literal('error'), error: z.object({ message: z.string() }) }),
    ]),
  ),
})

const timeoutMs = 300_000

/**
 * Rows that a libSQL server on this machine reads and writes in each execution of a statement: what its Hrana protocol
 * says of every statement (`StmtResult`, Hrana 3) and `@libsql/client` leaves out.
 * @throws TargetError TARGET_ROWS_READ when the server refuses a statement or does not say
 */
export async function countRowsOnServer(
  url: string,
  { sql, argsList, undo }: CountedStatement,
): Promise<readonly CountedRows[]> {
  const executions = argsList.map((args) => execute(sql, args))
  const requests =
    undo === true ? [execute('BEGIN IMMEDIATE'), ...executions, execute('ROLLBACK')] : executions
  const counted = (await resultsOf(url, requests, result)).map((of): CountedRows => ({
    rowsRead: of.rows_read,
    rowsWritten: of.rows_written,
    serverMs: of.query_duration_ms,
  }))
  return undo === true ? counted.slice(1, -1) : counted
}

const program = z.object({ rows: z.array(z.array(z.object({ value: z.unknown().optional() }))) })
/** Column `opcode` of EXPLAIN. */
const opcode = 1

/**
 * Whether the program of a statement takes the length of a whole table or index (opcode `Count`, of a `count(*)` without a
 * condition), for which sqld counts the pages of that b-tree and not its rows. Throws as `countRowsOnServer`.
 */
export async function countsPages(url: string, sql: string, args: Row): Promise<boolean> {
  const [explained] = await resultsOf(url, [execute(`EXPLAIN ${sql}`, args, true)], program)
  return explained?.rows.some((row) => row[opcode]?.value === 'Count') === true
}

/** What each request of a pipeline results in. */
async function resultsOf<T>(
  url: string,
  requests: readonly unknown[],
  resultSchema: z.ZodType<T>,
): Promise<readonly T[]> {
  const response = await fetch(`${url}/v3/pipeline`, {
    method: 'POST',
    body: JSON.stringify({ requests: [...requests, { type: 'close' }] }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw refused('it did not answer', error)
  })
  const parsed = answer.safeParse(await response.json().catch(() => undefined))
  if (!parsed.success) throw refused(`HTTP ${response.status}, and no answer of Hrana`)
  return parsed.data.results.slice(0, requests.length).map((each) => {
    if (each.type === 'error') throw refused(each.error.message)
    const of = resultSchema.safeParse(each.response.result)
    if (!of.success) throw refused('an answer without rows_read and rows_written')
    return of.data
  })
}

const execute = (sql: string, args: Row = [], wantsRows = false): unknown => ({
  type: 'execute',
  stmt: { sql, args: args.map(hranaValue), want_rows: wantsRows },
})

const refused = (why: string, cause?: unknown): TargetError =>
  new TargetError('TARGET_ROWS_READ', `sqld cannot count rows: ${why}`, { cause })

/** As the drivers bind: a number is a REAL, a bigint an INTEGER. */
function hranaValue(value: SqlValue): Readonly<Record<string, unknown>> {
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'number') return { type: 'float', value }
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  return { type: 'blob', base64: Buffer.from(value).toString('base64') }
}
