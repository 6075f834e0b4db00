import { plural } from '../../core/number-format.ts'
import type { GateFinding, GateVerdict } from '../../run/gate/gate-verdict.ts'
import type { Run, ScenarioRun } from '../../run/run.ts'
import { counterFindings, unsteadyCounters } from './counter-findings.ts'
import { gateVerdict } from './gate-status.ts'
import { sizeFindings } from './size-findings.ts'

/** Why a stored number judges work and no time. */
export const timeNotJudged =
  'time is not judged against a stored Run: levels move 15–25 % between processes and machines; for time, measure both sides now: forgebench gate compare'

/**
 * Plans, answers, counters and sizes of a Run against those of a stored one, exactly. Whether the two may be compared
 * at all is for `counterDifferences` to say. Only scenarios that both have are judged; what only one has is noted, but
 * a variant or an operation that vanished from a scenario is invalid, for it is not known what became of it.
 */
export function judgeCounters(baseline: Run, run: Run): GateVerdict {
  const pairs = baseline.scenarios.flatMap((before) => {
    const after = run.scenarios.find(({ id }) => id === before.id)
    return after === undefined ? [] : [{ before, after }]
  })
  const findings = pairs.flatMap(({ before, after }) => scenarioFindings(before, after))
  return gateVerdict(
    // What tells most comes first: more steps follow from another plan.
    findings.toSorted((a, b) => placeOf(a) - placeOf(b)),
    [
      ...partialNotes(baseline, run),
      ...scenarioNotes(baseline, run),
      ...pairs.flatMap(({ before, after }) => notesOf(before, after)),
    ],
  )
}

const tellingFirst = ['plan', 'objects', 'answer', 'rows']

function placeOf({ metric }: GateFinding): number {
  const place = tellingFirst.indexOf(metric)
  return place < 0 ? tellingFirst.length : place
}

function scenarioFindings(before: ScenarioRun, after: ScenarioRun): readonly GateFinding[] {
  const findings: GateFinding[] = []
  const vanished = before.operations.filter(({ id }) => !after.operations.some((other) => other.id === id))
  for (const { id } of vanished) findings.push(vanishedFinding(before.id, null, id))
  for (const variant of before.variants) {
    const now = after.variants.find(({ id }) => id === variant.id)
    if (now === undefined) {
      findings.push(vanishedFinding(before.id, variant.id, null))
      continue
    }
    findings.push(...sizeFindings(before.id, variant, now))
    for (const old of before.evidence.filter((evidence) => evidence.variant === variant.id)) {
      if (vanished.some(({ id }) => id === old.operation)) continue
      const found = after.evidence.find(
        (each) => each.variant === old.variant && each.operation === old.operation,
      )
      const subject = { scenario: before.id, variant: variant.id, operation: old.operation }
      findings.push(
        ...(found === undefined
          ? [vanishedFinding(before.id, variant.id, old.operation)]
          : counterFindings(subject, old, found)),
      )
    }
  }
  return findings
}

function vanishedFinding(scenario: string, variant: string | null, operation: string | null): GateFinding {
  const what = [
    operation ?? 'the variant',
    ...(operation !== null && variant !== null ? [`on ${variant}`] : []),
  ]
  return {
    kind: 'counter',
    scenario,
    variant,
    operation,
    metric: 'counters',
    status: 'invalid',
    measured: null,
    baseline: null,
    change: null,
    limit: 'measured, as in the baseline',
    reason: `${what.join(' ')} was not measured, but the baseline has it; bring it back, or save the baseline again if it is meant to be gone`,
    rounds: 0,
    samples: 0,
  }
}

const partialNotes = (baseline: Run, run: Run): readonly string[] => [
  ...(baseline.status === 'partial' ? ['the baseline is a partial Run: what it lacks is not judged'] : []),
  ...(run.status === 'partial' ? ['the Run is partial: scenarios that it lacks are not judged'] : []),
]

function scenarioNotes(baseline: Run, run: Run): readonly string[] {
  const missing = baseline.scenarios.filter(({ id }) => !run.scenarios.some((other) => other.id === id))
  const fresh = run.scenarios.filter(({ id }) => !baseline.scenarios.some((other) => other.id === id))
  return [
    ...(missing.length === 0
      ? []
      : [
          `not judged: ${missing.map(({ id }) => id).join(', ')} of the baseline, which ${missing.length === 1 ? 'was' : 'were'} not measured`,
        ]),
    ...(fresh.length === 0
      ? []
      : [`not judged: ${fresh.map(({ id }) => id).join(', ')}, of which the baseline knows nothing`]),
  ]
}

/** What a reader must know of one scenario beside its findings. */
function notesOf(before: ScenarioRun, after: ScenarioRun): readonly string[] {
  const notes: string[] = []
  const news = [
    ...newOnes('variant', before.variants, after.variants),
    ...newOnes('operation', before.operations, after.operations),
  ]
  if (news.length > 0) notes.push(`${before.id}: not in the baseline and not judged: ${news.join(', ')}`)
  if (before.fileDigest !== after.fileDigest) {
    notes.push(
      `${before.id}: its file changed since the baseline was saved; its statements and arguments are compared as they are`,
    )
  }
  for (const variant of before.variants) {
    const now = after.variants.find(({ id }) => id === variant.id)
    if (now !== undefined && now.migrations.join() !== variant.migrations.join()) {
      notes.push(
        `${before.id}: ${variant.id} is made of ${namesOf(now.migrations)}, in the baseline of ${namesOf(variant.migrations)}`,
      )
    }
  }
  const unsteady = before.evidence.flatMap((old) => {
    const found = after.evidence.find(
      (each) => each.variant === old.variant && each.operation === old.operation,
    )
    const names = found === undefined ? [] : unsteadyCounters(old, found)
    return names.length === 0 ? [] : [`${names.join(', ')} of ${old.operation} on ${old.variant}`]
  })
  if (unsteady.length > 0) {
    notes.push(
      `${before.id}: ${plural(unsteady.length, 'counter')} did not repeat when measured twice, and cannot be judged exactly: ${unsteady.join('; ')}`,
    )
  }
  return notes
}

const newOnes = (
  noun: string,
  before: readonly { readonly id: string }[],
  after: readonly { readonly id: string }[],
): readonly string[] =>
  after.filter(({ id }) => !before.some((other) => other.id === id)).map(({ id }) => `${noun} ${id}`)

const namesOf = (migrations: readonly string[]): string => migrations.join(', ') || 'no migration'
