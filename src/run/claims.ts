import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { decodeText } from '../core/decode-text.ts'
import { UsageError } from '../core/errors.ts'

const claimsSchema = z.object({
  source: z.string().min(1),
  claims: z
    .array(
      z.object({
        id: z.string().regex(/^C\d+$/, 'an id is C and a number'),
        /** Section of the review. */
        section: z.string().min(1),
        recommendation: z.string().min(1),
        /** The number as the review states it, or what it says in the place of one. */
        stated: z.string().min(1),
      }),
    )
    .min(1)
    .refine((claims) => new Set(claims.map(({ id }) => id)).size === claims.length, 'ids must be unique'),
})

/** A recommendation of the review with the number claimed for it. */
export interface Claim {
  readonly id: string
  readonly section: string
  readonly recommendation: string
  readonly stated: string
}

const packagedClaims = fileURLToPath(new URL('../../fixtures/claims.json', import.meta.url))

/**
 * The claims in the order of the file; those of the review unless a path says otherwise.
 * @throws UsageError CLAIMS_INVALID
 */
export async function readClaims(path: string = packagedClaims): Promise<readonly Claim[]> {
  const refuse = (why: string): UsageError =>
    new UsageError('CLAIMS_INVALID', `${path}: ${why}; see fixtures/README.md for its form`)
  let value: unknown
  try {
    value = JSON.parse(decodeText(await readFile(path)))
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error))
  }
  const checked = claimsSchema.safeParse(value)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`)
  }
  return checked.data.claims
}
