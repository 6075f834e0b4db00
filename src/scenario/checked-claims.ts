import type { Claim } from './claims-file.ts'
import type { ClaimPart, RunClaimPart } from './scenario.ts'

/** A claim as it was stated, with the parts of it that can be measured. */
export interface CheckedClaim<Part = ClaimPart> extends Claim {
  readonly parts: readonly Part[]
  readonly note?: string
}

/** How a scenario or a sweep puts a claim to the test. */
interface Check<Part> {
  readonly claim: string
  readonly parts: readonly Part[]
  readonly note?: string
}

/** Each check with the claim that it names; the check was checked against the same claims. */
export const statedClaims = <Part>(
  checks: readonly Check<Part>[],
  claims: readonly Claim[],
): readonly CheckedClaim<Part>[] =>
  checks.flatMap(({ claim, ...check }) => {
    const stated = claims.find(({ id }) => id === claim)
    return stated === undefined ? [] : [{ ...stated, ...check }]
  })

/** What `forgebench run` can check: claims without their parts under load, and without those that have no other. */
export const claimsOfRun = (claims: readonly CheckedClaim[]): readonly CheckedClaim<RunClaimPart>[] =>
  claims.flatMap((claim) => {
    const parts = claim.parts.filter((part) => part.measure !== 'load-throughput')
    return parts.length === 0 ? [] : [{ ...claim, parts }]
  })

/**
 * What a comparison under load can check: of each claim the throughput of `variant` against `versus` under each of the
 * loads, where that pair is compared.
 */
export const claimsUnderLoad = (
  claims: readonly CheckedClaim[],
  compared: readonly { readonly id: string; readonly versus: string | null }[],
  loads: readonly string[],
): readonly CheckedClaim<RunClaimPart>[] =>
  claims.flatMap((claim) => {
    const parts = claim.parts
      .filter((part) => part.measure === 'load-throughput')
      .filter(({ variant, versus }) => compared.some((each) => each.id === variant && each.versus === versus))
      .flatMap((part) => loads.map((operation) => ({ ...part, measure: 'throughput' as const, operation })))
    return parts.length === 0 ? [] : [{ ...claim, parts }]
  })
