import type { GateFinding, GateVerdict, GateWord } from '../../run/gate-verdict.ts'

/** From the worst on: what must not be believed outranks what fails, and what is not known outranks what is well. */
const worstFirst: readonly GateWord[] = ['invalid', 'fail', 'inconclusive', 'improved', 'pass']

const worstWord = (words: readonly GateWord[]): GateWord =>
  worstFirst.find((word) => words.includes(word)) ?? 'invalid'

/** The verdict of a gate over its findings: the worst of them; a gate that found nothing to judge is invalid. */
export function gateVerdict(findings: readonly GateFinding[], notes: readonly string[] = []): GateVerdict {
  const rank = ({ word }: GateFinding): number => worstFirst.indexOf(word)
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b))
  return {
    word: sorted[0]?.word ?? 'invalid',
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
    word: worstWord(verdicts.map(({ word }) => word)),
    findings,
    notes: [...new Set(verdicts.flatMap(({ notes }) => notes))],
  }
}
