import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { decodeText } from '../core/decode-text.ts'
import { UsageError } from '../core/errors.ts'
import { text, type FieldsOf } from '../core/fields.ts'
import { exists, nearestAbove } from '../schema/nearest-above.ts'

/** What somebody claims: a line of `claims.json`. */
export const claimFields = {
  /** Any text, unique in the file: scenarios name the claim by it. */
  id: text,
  /** Who says so, and where: a document with its section, a talk, a ticket. */
  source: text,
  /** What is said to help. */
  statement: text,
  /** What it is said to bring, in the words of the source. */
  claimed: text,
}

const claimsSchema = z.strictObject({
  claims: z
    .array(z.strictObject(claimFields))
    .refine((claims) => new Set(claims.map(({ id }) => id)).size === claims.length, 'ids must be unique'),
})

/** What somebody claims. Scenarios beside the file, and in folders below it, may name it. */
export interface Claim extends FieldsOf<typeof claimFields> {}

/** The claims that a scenario may check, and the file that states them; without a file there are none. */
export interface ClaimsFile {
  readonly path: string | undefined
  readonly claims: readonly Claim[]
}

/**
 * The claims of `claims.json` beside a scenario file or in the nearest folder above it, found as `nearestAbove` says.
 * @throws UsageError CLAIMS_INVALID
 */
export async function nearestClaims(scenarioPath: string, top?: string): Promise<ClaimsFile> {
  const path = await nearestAbove(scenarioPath, top, async (folder) => {
    const file = join(folder, 'claims.json')
    return (await exists(file)) ? file : undefined
  })
  return { path, claims: path === undefined ? [] : await readClaims(path) }
}

async function readClaims(path: string): Promise<readonly Claim[]> {
  const refuse = (why: string): UsageError =>
    new UsageError(
      'CLAIMS_INVALID',
      `${path}: ${why}; its form is { "claims": [{ "id", "source", "statement", "claimed" }] }`,
    )
  let value: unknown
  try {
    value = JSON.parse(decodeText(await readFile(path)))
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  const checked = claimsSchema.safeParse(value)
  if (checked.success) return checked.data.claims
  const mistakes = checked.error.issues.map(({ path: place, message }) =>
    place.length === 0 ? message : `${place.join('.')}: ${message}`,
  )
  throw refuse(mistakes.join('; '))
}
