import { z } from 'zod'
import { TargetError } from '../core/errors.ts'
import type { Row, SqlValue } from './connection.ts'

const answer = z.object({
  results: z.array(
    z.discriminatedUnion('type', [
      z.object({
        type: z.literal('ok'),
        response: z.object({ result: z.object({ rows_read: z.number().int().nonnegative() }).optional() }),
      }),
      z.object({ type: z.literal('error'), error: z.object({ message: z.string() }) }),
    ]),
  ),
})

/**
 * Rows that a libSQL server on this machine reads for a query, as a sum over `argsList`: what its Hrana protocol says of
 * every statement (`StmtResult.rows_read`, Hrana 3) and `@libsql/client` leaves out.
 * @throws TargetError TARGET_ROWS_READ when the server refuses a statement or does not say
 */
export async function rowsReadOnServer(url: string, sql: string, argsList: readonly Row[]): Promise<number> {
  const requests = argsList.map((args) => ({
    type: 'execute',
    stmt: { sql, args: args.map(hranaValue), want_rows: false },
  }))
  const response = await fetch(`${url}/v3/pipeline`, {
    method: 'POST',
    body: JSON.stringify({ requests: [...requests, { type: 'close' }] }),
    signal: AbortSignal.timeout(60_000),
  }).catch((error: unknown) => {
    throw refused('it did not answer', error)
  })
  const parsed = answer.safeParse(await response.json().catch(() => undefined))
  if (!parsed.success) throw refused(`HTTP ${response.status}, without rows_read`)
  const read = parsed.data.results.slice(0, argsList.length).map((result) => {
    if (result.type === 'error') throw refused(result.error.message)
    return result.response.result?.rows_read
  })
  return read.reduce<number>((sum, rows) => {
    if (rows === undefined) throw refused('an answer without rows_read')
    return sum + rows
  }, 0)
}

const refused = (why: string, cause?: unknown): TargetError =>
  new TargetError('TARGET_ROWS_READ', `sqld cannot count rows read: ${why}`, { cause })

/** As the drivers bind: a number is a REAL, a bigint an INTEGER. */
function hranaValue(value: SqlValue): Readonly<Record<string, unknown>> {
  if (value === null) return { type: 'null' }
  if (typeof value === 'string') return { type: 'text', value }
  if (typeof value === 'number') return { type: 'float', value }
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  return { type: 'blob', base64: Buffer.from(value).toString('base64') }
}
