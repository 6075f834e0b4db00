import { isGateRun, isLoadComparison, isLoadRun, isSweepRun, type AnyRun } from '../../run/any-run.ts'
import { findingName, type GateFinding, type GateVerdict } from '../../run/gate/gate-verdict.ts'
import type { ScenarioRun } from '../../run/run.ts'
import type { JudgedRun } from '../../run/judged-run.ts'
import { span } from '../render/document.ts'
import { relativeHead, type GateHead } from '../gate/gate-document.ts'

/** What formats for CI are made of: what a gate says, and the Runs that it says it of. */
export interface GateReport {
  readonly head: GateHead
  readonly verdict: GateVerdict
  readonly runs: readonly AnyRun[]
  /** Files of scenarios by their ids, below the root of the repository, where they are known. */
  readonly files: Readonly<Record<string, string>>
}

/** What a Run that was judged again says to a pipeline; undefined where nothing in it asks for a yes or no. */
export function gateReportOf(judged: JudgedRun, files: GateReport['files'] = {}): GateReport | undefined {
  if (judged.gate === null) return undefined
  return { head: headOf(judged), verdict: judged.gate, runs: [judged.run], files }
}

function headOf(judged: JudgedRun): GateHead {
  if (judged.kind === 'gate') return relativeHead(judged.run)
  const subject =
    judged.kind === 'load'
      ? judged.run.profile.id
      : scenarioRuns(judged.run)
          .map(({ id }) => id)
          .join(', ')
  return { title: [span(`gate ${subject}`)], how: `judged from the Run ${judged.run.id}` }
}

/** One head over several Runs. */
export function joinHeads(heads: readonly GateHead[]): GateHead {
  const [only, ...others] = heads
  if (only !== undefined && others.length === 0) return only
  return {
    title: [span(`gate of ${heads.length} runs`)],
    how: [...new Set(heads.map(({ how }) => how))].join('; '),
  }
}

/** What a Run measured of scenarios; empty for a load. */
export function scenarioRuns(run: AnyRun): readonly ScenarioRun[] {
  if (isGateRun(run)) return [run.scenario]
  return isLoadRun(run) || isLoadComparison(run) || isSweepRun(run) ? [] : run.scenarios
}

/** The Run that a finding's scenario was measured in; the first where none says so. */
export function runOf({ runs }: GateReport, scenario: string): AnyRun | undefined {
  const has = (run: AnyRun): boolean =>
    isLoadRun(run) ? run.profile.id === scenario : scenarioRuns(run).some(({ id }) => id === scenario)
  return runs.find(has) ?? runs[0]
}

/** A finding under a name of its own. */
export interface NamedFinding {
  readonly name: string
  readonly finding: GateFinding
}

/**
 * A name for every finding that no other has, the same from run to run, whatever their order: where two share a name,
 * their limits tell them apart, then a number. Services that keep results by name would drop one of them.
 */
export function namedFindings(findings: readonly GateFinding[]): readonly NamedFinding[] {
  const shared = new Map<string, number>()
  for (const own of findings.map(findingName)) shared.set(own, (shared.get(own) ?? 0) + 1)
  const taken = new Set<string>()
  return findings.map((finding) => {
    const own = findingName(finding)
    const name = unused(shared.get(own) === 1 ? own : `${own} [${finding.limit}]`, taken)
    taken.add(name)
    return { name, finding }
  })
}

/**
 * The findings whose values a service may keep: measured, and valid. What is invalid would be what the next
 * commit is compared with. A value that several limits are set for is there once.
 */
export function keptFindings(findings: readonly GateFinding[]): readonly GateFinding[] {
  const seen = new Set<string>()
  return findings.map(asSeries).filter((finding) => {
    const { measured, status } = finding
    if (measured === null || status === 'invalid' || !Number.isFinite(measured.value)) return false
    const key = JSON.stringify([findingName(finding), measured])
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

/**
 * While an operation's counters are as before, they are one finding, which holds its VM steps; when one changes, each has
 * its own. A series of values must not change its name with that.
 */
export const asSeries = (finding: GateFinding): GateFinding =>
  finding.metric === 'counters' ? { ...finding, metric: 'vmSteps' } : finding

/** The name itself, or with the first number from 2 on that is free. */
export function unused(name: string, taken: { has(name: string): boolean }, mark = ' #'): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name}${mark}${number}`
  return free
}
