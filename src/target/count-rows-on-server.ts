import { z } from 'zod'
import { TargetError } from '../core/errors.ts'
import type { Row, SqlValue } from './connection.ts'

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
      z.object({ type: z.literal('ok'), response: z.object({ result: result.optional() }) }),
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
  const executions = argsList.map((args) => request(sql, args))
  const requests =
    undo === true ? [request('BEGIN IMMEDIATE'), ...executions, request('ROLLBACK')] : executions
  const response = await fetch(`${url}/v3/pipeline`, {
    method: 'POST',
    body: JSON.stringify({ requests: [...requests, { type: 'close' }] }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw refused('it did not answer', error)
  })
  const parsed = answer.safeParse(await response.json().catch(() => undefined))
  if (!parsed.success) throw refused(`HTTP ${response.status}, without rows_read`)
  const counted = parsed.data.results.slice(0, requests.length).map((each): CountedRows => {
    if (each.type === 'error') throw refused(each.error.message)
    const { result: of } = each.response
    if (of === undefined) throw refused('an answer without rows_read')
    return { rowsRead: of.rows_read, rowsWritten: of.rows_written, serverMs: of.query_duration_ms }
  })
  return undo === true ? counted.slice(1, -1) : counted
}

const request = (sql: string, args: Row = []): unknown => ({
  type: 'execute',
  stmt: { sql, args: args.map(hranaValue), want_rows: false },
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
