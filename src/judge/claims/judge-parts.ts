import type { ClaimRun } from '../../run/run.ts'
import type { ClaimVerdict, PartMeasurement, VerdictStatus } from '../../run/verdict.ts'

/** The verdict on a claim whose parts `measure` looks up among what was measured. */
export function judgeClaim<Part>(
  scenario: string,
  claim: Omit<ClaimRun, 'parts'> & { readonly parts: readonly Part[] },
  measure: (part: Part) => PartMeasurement,
): ClaimVerdict<Part> {
  const parts = claim.parts.map((part) => {
    const measured = measure(part)
    return { part, measured, status: partStatus(measured) }
  })
  return { scenario, claim, parts, status: judgeParts(parts.map(({ status }) => status)) }
}

function partStatus(measured: PartMeasurement): VerdictStatus {
  switch (measured.state) {
    case 'measured':
      return measured.status
    case 'too-few':
      return 'inconclusive'
    case 'missing':
      return 'not-measured'
  }
}

/**
 * The verdict on a claim from those on its parts: the same when all parts agree; `partly` when some part is confirmed
 * or partly so; else `inconclusive`. A part without data can thus never help a claim to be confirmed or refuted.
 */
export function judgeParts(statuses: readonly VerdictStatus[]): VerdictStatus {
  const [first = 'not-measured'] = statuses
  if (statuses.every((status) => status === first)) return first
  return statuses.some((status) => status === 'confirmed' || status === 'partly') ? 'partly' : 'inconclusive'
}
