import { UsageError } from '../../../core/errors.ts'
import type { RemoteConnection } from '../../../target/remote/remote.ts'
import { defaultPatience, retrying, type Patience } from '../../../target/remote/send-once.ts'
import type { SeedRecord } from '../seed-record.ts'
import { verifyRows, type SeedVerification, type VerifyOptions } from '../verify-seed.ts'
import { readServerRecord } from './server-state.ts'

/** An answer of a server may have 10 MB, and a row some kilobytes. */
const pageRows = 250

/** Reads every row back over the protocol and compares the digests with those of the record. */
export function verifyServerRows(
  remote: RemoteConnection,
  record: SeedRecord,
  options: VerifyOptions,
  patience: Patience,
): Promise<Omit<SeedVerification, 'path'>> {
  const pages = (sql: string) => async (after: number) =>
    (await retrying(() => remote.query(sql, [after]), patience)).rows
  return verifyRows({ pages, pageRows }, record, options)
}

/**
 * Reads every row of a seeded server back and compares the digests with its record.
 * @throws UsageError SEED_NONE where there is no record; TargetError
 */
export async function verifyServer(
  remote: RemoteConnection,
  url: string,
  options: VerifyOptions,
): Promise<SeedVerification> {
  const record = await readServerRecord(remote)
  if (record === undefined) {
    throw new UsageError(
      'SEED_NONE',
      `${url} is no complete database made by forgebench seed; make one with forgebench seed --db ${url}`,
    )
  }
  const patience = { ...defaultPatience, signal: options.signal }
  return { path: url, ...(await verifyServerRows(remote, record, options, patience)) }
}
