import { plural } from '../../core/number-format.ts'
import { timedNs } from '../../run/timed-rounds.ts'
import { findingName, type GateFinding, type GateStatus } from '../../run/gate/gate-verdict.ts'
import { formatQuantity } from '../gate/gate-document.ts'
import { namedFindings, runOf, scenarioRuns, type GateReport, type NamedFinding } from './gate-report.ts'
import { element, xmlDocument, type XmlElement } from '../render/xml.ts'

/**
 * A gate as JUnit XML: a suite for each scenario, a case for each finding. What fails is a failure, what is inconclusive
 * is skipped, what is invalid is an error; a gate that judged nothing is an error too, because a file without cases
 * would be green. Meets the schemas of Ant (Windy Road) and of Jenkins (xunit-plugin, junit-10), which is why
 * `system-err` is there and empty, and why what a case has to say stands in its suite.
 */
export function junitXml(report: GateReport): string {
  const suites = new Map<string, NamedFinding[]>()
  for (const named of namedFindings(report.verdict.findings)) {
    const { scenario } = named.finding
    suites.set(scenario, [...(suites.get(scenario) ?? []), named])
  }
  const elements = [...suites].map(([scenario, cases], id) => suiteElement(report, scenario, cases, id))
  return xmlDocument(element('testsuites', {}, elements.length === 0 ? [emptySuite(report)] : elements))
}

function suiteElement(
  report: GateReport,
  scenario: string,
  cases: readonly NamedFinding[],
  id: number,
): XmlElement {
  const having = (status: GateStatus): number =>
    cases.filter(({ finding }) => finding.status === status).length
  return element(
    'testsuite',
    suiteAttributes(report, scenario, id, {
      tests: cases.length,
      failures: having('fail'),
      errors: having('invalid'),
      skipped: having('inconclusive'),
    }),
    [
      propertiesElement(report, scenario),
      ...cases.map((each) => caseElement(report, each)),
      element('system-out', {}, [
        [
          ...report.verdict.notes,
          ...cases.map(({ finding, name }) => `${finding.status}: ${name}: ${finding.reason}`),
        ].join('\n'),
      ]),
      element('system-err'),
    ],
  )
}

/** A gate that judged nothing. */
function emptySuite(report: GateReport): XmlElement {
  const why = report.verdict.notes.join('\n')
  return element(
    'testsuite',
    suiteAttributes(report, 'forgebench', 0, { tests: 1, failures: 0, errors: 1, skipped: 0 }),
    [
      propertiesElement(report, ''),
      element('testcase', { name: 'forgebench gate', classname: 'forgebench', time: '0.000' }, [
        element('error', { type: 'invalid', message: 'nothing was judged' }, [why]),
      ]),
      element('system-out', {}, [why]),
      element('system-err'),
    ],
  )
}

function suiteAttributes(
  report: GateReport,
  scenario: string,
  id: number,
  counts: Readonly<Record<'tests' | 'failures' | 'errors' | 'skipped', number>>,
): Readonly<Record<string, string>> {
  const run = runOf(report, scenario)
  const startedMs = Date.parse(run?.startedAt ?? '1970-01-01T00:00:00Z')
  const finishedMs = Date.parse(run?.finishedAt ?? '1970-01-01T00:00:00Z')
  return {
    name: named(scenario),
    package: 'forgebench',
    id: String(id),
    // UTC: the schema has no place for a zone.
    timestamp: new Date(startedMs).toISOString().slice(0, 19),
    hostname: 'localhost',
    ...Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, String(count)])),
    time: seconds(Math.max(finishedMs - startedMs, 0) / 1e3),
  }
}

function propertiesElement(report: GateReport, scenario: string): XmlElement {
  const run = runOf(report, scenario)
  const file = Object.hasOwn(report.files, scenario) ? report.files[scenario] : undefined
  const properties: readonly (readonly [string, string | undefined])[] = [
    ['verdict', report.verdict.status],
    ['run', run?.id],
    ['forgebench', run?.forgebench],
    ['node', run?.environment.node],
    ['platform', run?.environment.platform],
    ['cpu', run?.environment.cpuModel],
    ['file', file],
  ]
  return element(
    'properties',
    {},
    properties.flatMap(([name, value]) =>
      value === undefined ? [] : [element('property', { name, value })],
    ),
  )
}

function caseElement(report: GateReport, { finding, name }: NamedFinding): XmlElement {
  return element(
    'testcase',
    {
      name: named(name),
      classname: named(finding.scenario),
      time: seconds(measuredNs(report, finding) / 1e9),
    },
    outcomeOf(finding),
  )
}

function outcomeOf(finding: GateFinding): readonly XmlElement[] {
  const { kind, reason } = finding
  switch (finding.status) {
    case 'fail':
      return [element('failure', { type: kind, message: reason }, [explanation(finding)])]
    case 'invalid':
      return [element('error', { type: kind, message: reason }, [explanation(finding)])]
    case 'inconclusive':
      return [element('skipped', { message: `inconclusive: ${reason}` })]
    case 'improved':
    case 'pass':
      return []
  }
}

function explanation(finding: GateFinding): string {
  const { measured, baseline, rounds, samples } = finding
  const quantity = (of: typeof measured): string => (of === null ? 'none' : formatQuantity(of.value, of.unit))
  return [
    findingName(finding),
    finding.reason,
    `limit: ${finding.limit}`,
    `candidate: ${quantity(measured)}`,
    `baseline: ${quantity(baseline)}`,
    ...(rounds === 0 ? [] : [`rests on ${plural(rounds, 'round')}, ${plural(samples, 'sample')}`]),
  ].join('\n')
}

/** Time that the samples of a finding took, on all sides; 0 for what was counted, not timed. */
function measuredNs(report: GateReport, { scenario, operation, samples }: GateFinding): number {
  if (samples === 0 || operation === null) return 0
  return report.runs
    .flatMap(scenarioRuns)
    .filter(({ id }) => id === scenario)
    .flatMap(({ timings }) => timings)
    .filter((timing) => timing.operation === operation)
    .reduce((sum, timing) => sum + timedNs(timing), 0)
}

/** Jenkins' schema allows three decimals. */
const seconds = (value: number): string => value.toFixed(3)

/** A name is what results are kept by: it must not be empty. */
const named = (text: string): string => (text.trim() === '' ? 'forgebench' : text)
