import { formatInteger, formatNumber, plural } from '../../core/number-format.ts'
import type { ComparedPair, ComparisonVerdict } from '../../run/comparison-verdict.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import {
  heading,
  left,
  list,
  paragraph,
  right,
  span,
  type Block,
  type Detail,
  type Span,
} from '../render/document.ts'
import { levelSpan } from '../render/level-span.ts'
import { ratioSpan, statusSpan } from '../render/ratio-span.ts'
import { verdictSection, verdictSummary } from '../run/verdict-section.ts'
import { howMeasured, item, machineItem, modelText, originItems } from './head-items.ts'

/**
 * Everything a report of a comparison says, whatever its format. On a screen the verdict comes last, in a file it comes
 * first.
 */
export function comparisonDocument(
  run: LoadComparison,
  verdict: ComparisonVerdict,
  detail: Detail,
): readonly Block[] {
  const head = [...comparisonHead(run, detail), ...variantTable(run)]
  const measured = [...pairTable(run, verdict), ...evidence(run)]
  const said = [...verdictSection(verdict.claims), ...invalidNotice(verdict)]
  const summary = verdictSummary(verdict.claims)
  switch (detail) {
    case 'brief':
      return [...head, ...measured, ...said, ...summary, ...partialNotice(run)]
    case 'full':
      return [...head, ...partialNotice(run), ...summary, ...said, ...measured, ...howCompared]
  }
}

function comparisonHead(run: LoadComparison, detail: Detail): readonly Block[] {
  const { environment: machine, scenario, profile, settings } = run
  const slice = `${plural(settings.rounds, 'round')} of fresh servers, slices of about ${formatNumber(settings.sliceSeconds)} s`
  return [
    heading(1, span('forgebench', 'strong'), span(` load comparison ${run.id}`)),
    ...list([
      item('variants', `of ${scenario.id}, ${scenario.title.toLowerCase()}`),
      item('data', `scale ${settings.scale}, seed ${settings.seed}`),
      item(
        'load',
        `${profile.id}, ${modelText(settings.model)}, ${plural(settings.connections, 'connection')}, ${slice}`,
      ),
      item(
        'engine',
        `${settings.engine}, reference API in a process a variant, libsql ${machine.engine.libsql} (SQLite ${machine.engine.sqlite}), Node ${machine.node}`,
      ),
      machineItem(machine),
      ...originItems(run, detail),
    ]),
  ]
}

const variantTable = ({ variants }: LoadComparison): readonly Block[] => [
  {
    kind: 'table',
    columns: [left('variant'), left('is'), left('migrations on top of initial', 1), left('statistics', 2)],
    rows: variants.map(({ id, title, migrations, statistics }) => [
      span(id),
      span(title),
      span(migrations.join(', ') || '–', 'dim'),
      span(statistics === 'none' ? 'none' : 'after ANALYZE', 'dim'),
    ]),
  },
]

function pairTable(run: LoadComparison, { pairs, quantity }: ComparisonVerdict): readonly Block[] {
  const isThroughput = quantity === 'throughput'
  const title = isThroughput ? 'Throughput' : 'P95 of response time'
  const unit = isThroughput
    ? 'requests a second, and the P95 of service time at that rate'
    : 'at the same rate'
  return [
    heading(2, span(title, 'strong'), span(` · ${unit}`)),
    {
      kind: 'table',
      columns: [
        left('load'),
        left('variant'),
        right(isThroughput ? 'req/s' : 'P95'),
        left('versus'),
        right(isThroughput ? 'req/s' : 'P95'),
        left('ratio'),
        left(''),
        ...(isThroughput ? [right('P95', 2), right('versus', 2)] : []),
        right('requests', 3),
      ],
      rows: pairs.map((pair) => pairRow(pair, isThroughput)),
    },
    ...list(run.loads.map(({ id, title: text }) => item(id, text))),
  ]
}

const known = (value: number, format: (value: number) => string): string =>
  Number.isFinite(value) ? format(value) : '–'

function pairRow(pair: ComparedPair, isThroughput: boolean): readonly Span[] {
  const { load, op, variant, versus, ratio, status, perSec, p95, requests, doubt } = pair
  const value = (side: 'variant' | 'versus'): Span =>
    isThroughput ? span(known(perSec[side], formatInteger)) : levelSpan(p95[side], 1)
  return [
    span(op === null ? load : `  ${op}`),
    span(variant),
    { ...value('variant'), tone: 'strong' },
    span(versus),
    value('versus'),
    ratioSpan({ ratio, status }),
    doubt === '' ? statusSpan({ ratio, status }) : span('sender saturated', 'bad'),
    ...(isThroughput ? [levelSpan(p95.variant, 1), levelSpan(p95.versus, 1)] : []),
    span(formatInteger(requests.variant), 'dim'),
  ]
}

/** What was looked at before and after the clock. */
const evidence = ({ answersCompared, rows }: LoadComparison): readonly Block[] =>
  list([
    item(
      'answers',
      `${formatInteger(answersCompared)} requests were answered alike by all variants before anything was timed`,
    ),
    ...rows.map(({ variant, table, acknowledged, found }) =>
      item(
        'rows',
        `${formatInteger(acknowledged)} new ${table} acknowledged by ${variant}, ${formatInteger(found)} found afterwards`,
      ),
    ),
  ])

const invalidNotice = ({ invalid }: ComparisonVerdict): readonly Block[] =>
  invalid.length === 0
    ? []
    : [
        heading(2, span('INVALID', 'bad'), span(' · these numbers must not be used')),
        ...list(invalid.map((reason) => [span('invalid: ', 'bad'), span(reason)])),
      ]

const partialNotice = ({ status, settings }: LoadComparison): readonly Block[] =>
  status === 'complete'
    ? []
    : [
        paragraph(
          span(
            `PARTIAL: it was cut short before ${plural(settings.rounds, 'round')} had ended. What is missing proves nothing.`,
            'bad',
          ),
        ),
      ]

const howCompared = howMeasured([
  'Every variant has a database of its own, byte for byte the same rows, and a process of the reference API of its own. They take turns in random order; nothing else is asked of a server meanwhile.',
  'A slice is the same requests, in the same sequence, for every variant, writes included; at peak it is so many that the slower variant takes about the time that is aimed at.',
  'A round starts new server processes and a new sender, and warms them up. The ratio of two neighbouring slices is taken per round; the interval is the exact signed-rank interval over rounds.',
  '«alone»: nothing but this request. In a closed loop over one server process, quick requests wait for slow ones, so that a mix says little about each.',
  'A claim is confirmed when the whole interval is at least as strong as what was claimed, partly when it lies between half of that and that, refuted when it is weaker than half of it, and otherwise inconclusive.',
])
