import type { Run, ScenarioRun } from '../../run/run.ts'
import {
  heading,
  left,
  list,
  paragraph,
  span,
  type Block,
  type Detail,
  type Span,
} from '../render/document.ts'
import { formatBytes, plural } from '../../core/number-format.ts'
import { isTwin } from './variant-tree.ts'

/** Who measured what, where and how; what is wrong with it comes first. */
export function runSection(run: Run, detail: Detail): readonly Block[] {
  const { environment: machine, settings, scenarios } = run
  return [
    heading(1, span('forgebench', 'strong'), span(` run ${run.id}`)),
    ...partialNotice(run),
    ...list([
      ...machineItems(machine),
      [
        span('settings: ', 'dim'),
        span(
          `scale ${settings.scale}, seed ${settings.seed}, ${roundsText(settings)}, slices of ${settings.sliceMs} ms, at most ${settings.maxSeconds} s, ${settings.confidence * 100} % confidence intervals`,
        ),
      ],
      ...(detail === 'full'
        ? [
            [
              span('when: ', 'dim'),
              span(`${run.startedAt} to ${run.finishedAt}, forgebench ${run.forgebench}`),
            ],
          ]
        : []),
    ]),
    ...busyNotice(machine),
    ...(scenarios.length === 0 ? [paragraph(span('No scenario was measured.', 'bad'))] : []),
  ]
}

/** The engine that made the databases, and every other driver that numbers came through, with what it runs. */
function enginesText({ engine: { sqlite, libsql, client }, drivers }: Run['environment']): string {
  const before: NonNullable<Run['environment']['drivers']> = { '@libsql/client': { version: client, sqlite } }
  const others = Object.entries(drivers ?? before)
    .filter(([name]) => name !== 'libsql')
    .map(([name, own]) => {
      const other = own.sqlite === sqlite ? '' : ` (SQLite ${own.sqlite})`
      const atOnce = own.concurrency === undefined ? '' : `, ${plural(own.concurrency, 'request')} at once`
      return `, ${name} ${own.version}${other}${atOnce}`
    })
  return `libsql ${libsql} (SQLite ${sqlite})${others.join('')}`
}

/** What engines do not offer, so that it is empty in the tables. */
const lacking = ({ drivers = {} }: Run['environment']): readonly (readonly Span[])[] =>
  Object.entries(drivers).flatMap(([name, { lacks = [] }]) =>
    lacks.length === 0 ? [] : [[span(`not offered by ${name}: `, 'dim'), span(lacks.join('; '))]],
  )

/** With which engine, on which machine. */
export function machineItems(machine: Run['environment']): readonly (readonly Span[])[] {
  return [
    [span('engine: ', 'dim'), span(`${enginesText(machine)}, Node ${machine.node}`)],
    ...lacking(machine),
    [
      span('machine: ', 'dim'),
      span(
        `${machine.cpus} × ${machine.cpuModel}, ${formatBytes(machine.memoryBytes)}, ${machine.platform}${machine.ci ? ', CI' : ''}, load ${machine.loadAverage.join(' ')}`,
      ),
    ],
  ]
}

/** `claims judged after 8, 12 and 18 rounds`. */
function roundsText({ analyses }: Run['settings']): string {
  if (analyses.length === 0) return 'nothing timed'
  const rounds = analyses.map(({ rounds: after }) => after)
  const last = rounds.at(-1) ?? 0
  return rounds.length === 1
    ? plural(last, 'round')
    : `claims judged after ${rounds.slice(0, -1).join(', ')} and ${last} rounds`
}

/** Says so when the machine was busy. */
export function busyNotice({ loadAverage, cpus }: Run['environment']): readonly Block[] {
  const load = loadAverage[0] ?? 0
  return load <= cpus
    ? []
    : [
        paragraph(
          span('warning: ', 'warn'),
          span(
            `the machine was busy when the run began (load ${load} on ${cpus} cpus); intervals are wider for it`,
          ),
        ),
      ]
}

/** Says so when a run was cut short; nothing for a complete one. */
export const partialNotice = (run: Pick<Run, 'status'>): readonly Block[] =>
  run.status === 'complete'
    ? []
    : [
        paragraph(
          span('PARTIAL RUN: it was cut short. What is missing was not measured and proves nothing.', 'bad'),
        ),
      ]

/** The question, its warnings, and the variants by name. */
export function scenarioHead(scenario: ScenarioRun, detail: Detail): readonly Block[] {
  const shown = scenario.variants.filter((variant) => detail === 'full' || !isTwin(scenario, variant))
  return [
    heading(2, span(scenario.id, 'strong'), span(` ${scenario.title}`)),
    ...(scenario.complete
      ? []
      : [paragraph(span('INTERRUPTED: only a part of this scenario was measured.', 'bad'))]),
    ...(scenario.dataset?.rows === 'as-it-is'
      ? [
          paragraph(
            span('data: ', 'dim'),
            span(`${scenario.dataset.name}, as it is: scale and seed change nothing`),
          ),
        ]
      : []),
    ...list(scenario.warnings.map((warning) => [span('warning: ', 'warn'), span(warning)])),
    ...(detail === 'full' ? [paragraph(span(scenario.why))] : []),
    {
      kind: 'table',
      columns: [left('variant'), left('is'), left('migrations on top of initial', 1), left('statistics', 2)],
      rows: shown.map(({ id, title, migrations, statistics }) => [
        span(id),
        span(title),
        span(migrations.filter((name) => name !== 'initial').join(', ') || '–', 'dim'),
        span(statistics === 'none' ? 'none' : 'after ANALYZE', 'dim'),
      ]),
    },
  ]
}

/** How to read the tables, once a report. */
export const howMeasured: readonly Block[] = [
  heading(2, span('How this was measured', 'strong')),
  ...list(
    [
      'Every row is compared with the row that it is indented under: a ratio of 0.5× is half the time. «:no-stats» is the same schema before ANALYZE.',
      'All variants of a scenario gave the same answers before anything was timed. They take turns every few milliseconds in random order, on the same arguments, in several fresh processes (rounds). Every variant has its own number of samples.',
      'p50, p95 and p99 are those of the steady state: a variant that is called again and again. The first calls of every slice are left out; the median of the very first one stands apart, as «first call».',
      'Quantiles and ratios are taken in each round, from samples that are levelled pair by pair and without the loudest stretches of the round; the estimate is the Hodges-Lehmann centre over rounds, the interval the exact signed-rank interval. A p95 needs 400 samples a round and a p99 2,000; where there was no time for them the cell is empty.',
      '«no difference»: the whole interval lies within ± 5 % of 1. «inconclusive»: the data allow more than one answer.',
      'A claim is confirmed when the whole interval is at least as strong as the nearer end of what was claimed, partly when it lies between half of that and that, refuted when it is weaker than half of it, and otherwise inconclusive. Claims are judged after fixed numbers of rounds until they are decided; their intervals are wider than those of the tables, so that looking several times does not raise the chance of a wrong answer.',
      'VM steps are instructions of the SQLite virtual machine per execution: the same on every machine.',
    ].map((text) => [span(text)]),
  ),
]
