import type { GateFinding, GateVerdict, GateStatus } from '../../run/gate/gate-verdict.ts'

/** From the worst on: what is invalid outranks what fails, and what is inconclusive outranks what passes. */
const worstFirst: readonly GateStatus[] = ['invalid', 'fail', 'inconclusive', 'improved', 'pass']

const worstStatus = (statuses: readonly GateStatus[]): GateStatus =>
  worstFirst.find((status) => statuses.includes(status)) ?? 'invalid'

/** The verdict of a gate over its findings: the worst of them; a gate that found nothing to judge is invalid. */
export function gateVerdict(findings: readonly GateFinding[], notes: readonly string[] = []): GateVerdict {
  const rank = ({ status }: GateFinding): number => worstFirst.indexOf(status)
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b))
  return {
    status: sorted[0]?.status ?? 'invalid',
    findings: sorted,
    notes: findings.length === 0 ? [...notes, 'nothing was judged'] : notes,
  }
}

/** One verdict of several Runs: the worst of them, so that one in which nothing was judged stays invalid. */
export function joinVerdicts(verdicts: readonly GateVerdict[]): GateVerdict {
  const [only, ...others] = verdicts
  if (only !== undefined && others.length === 0) return only
  const { findings } = gateVerdict(verdicts.flatMap((verdict) => verdict.findings))
  return {
    status: worstStatus(verdicts.map(({ status }) => status)),
    findings,
    notes: [...new Set(verdicts.flatMap(({ notes }) => notes))],
  }
}
