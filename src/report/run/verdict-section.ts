import type { ClaimPartRun } from '../../run/run.ts'
import type {
  ChangeBasis,
  ClaimVerdict,
  PartMeasurement,
  PartVerdict,
  VerdictStatus,
} from '../../run/verdict.ts'
import { heading, left, list, paragraph, span, type Block, type Span, type Tone } from '../render/document.ts'
import {
  formatBytes,
  formatChange,
  formatClaimed,
  formatConfidence,
  formatCount,
  formatShare,
  plural,
} from '../../core/number-format.ts'

/** Every claim with its verdict, and one line a part: measured beside claimed. */
export function verdictSection(verdicts: readonly ClaimVerdict[]): readonly Block[] {
  return verdicts.length === 0
    ? []
    : [heading(2, span('What holds', 'strong')), ...verdicts.flatMap(claimBlocks)]
}

function claimBlocks({ claim, status, scenario, parts }: ClaimVerdict): readonly Block[] {
  return [
    heading(
      3,
      span(`${claim.id} `, 'strong'),
      span(status, verdictTone(status)),
      span(` · ${claim.statement} · claimed: ${claim.claimed} (${claim.source}; ${scenario})`),
    ),
    ...(parts.length === 0
      ? []
      : [
          {
            kind: 'table',
            columns: [left('verdict'), left('what'), left('measured'), left('claimed'), left('from', 1)],
            rows: parts.map(partRow),
          } as const,
        ]),
    ...list(parts.flatMap(openPart)),
    ...(claim.note === undefined ? [] : [paragraph(span(claim.note, 'dim'))]),
  ]
}

/** What it would take to decide a part that the data leave open. */
function openPart({ part, measured }: PartVerdict): readonly (readonly Span[])[] {
  if (measured.state !== 'measured' || measured.basis.kind !== 'rounds') return []
  const { rounds, roundsNeeded } = measured.basis
  return roundsNeeded === null
    ? []
    : [
        [
          span(
            `${quantityOf(part)}: open after ${plural(rounds, 'round')}; ${moreRounds(roundsNeeded)}`,
            'warn',
          ),
        ],
      ]
}

const partRow = ({ status, part, measured }: PartVerdict): readonly Span[] => [
  span(status, verdictTone(status)),
  span(`${quantityOf(part)}, ${part.variant} vs ${part.versus}`),
  span(measuredText(measured)),
  span(formatClaimed(part.claimed)),
  span(basisText(measured), 'dim'),
]

function quantityOf(part: ClaimPartRun): string {
  switch (part.measure) {
    case 'time':
      return `${part.operation} ${part.quantile}`
    case 'throughput':
      return `${part.operation} throughput`
    case 'bytes':
      return `bytes of ${bytesText(part.of, part.versusOf)}`
    case 'cache-memory':
      return 'cache memory'
  }
}

type BytesOf = Extract<ClaimPartRun, { measure: 'bytes' }>['of']

function bytesText(of: BytesOf, versusOf: BytesOf | undefined): string {
  const text = (named: BytesOf): string => (typeof named === 'string' ? named : named.join(' + '))
  return versusOf === undefined ? text(of) : `${text(of)} against ${text(versusOf)}`
}

function measuredText(measured: PartMeasurement): string {
  switch (measured.state) {
    case 'measured':
      return formatChange(measured.change)
    case 'too-few':
      return `about ${formatShare(measured.estimate)}`
    case 'missing':
      return '–'
  }
}

function basisText(measured: PartMeasurement): string {
  switch (measured.state) {
    case 'measured':
      return basisWords(measured.basis)
    case 'too-few':
      return `${basisWords(measured.basis)}: too few for an interval`
    case 'missing':
      return measured.reason
  }
}

/** Beyond this many rounds the value lies too close to the border for more time to decide it. */
const mostUsefulRounds = 1000

const moreRounds = (rounds: number): string =>
  rounds > mostUsefulRounds
    ? 'it lies on the border of two answers'
    : `about ${formatCount(rounds)} rounds would decide it: --rounds ${rounds}`

function basisWords(basis: ChangeBasis): string {
  switch (basis.kind) {
    case 'rounds': {
      const confidence = basis.confidence === null ? '' : `, ${formatConfidence(basis.confidence)} CI`
      const { variant, versus } = basis.samples
      const samples =
        variant === versus ? formatCount(variant) : `${formatCount(variant)} and ${formatCount(versus)}`
      return `${plural(basis.rounds, 'round')}, ${samples} samples${confidence}`
    }
    case 'exact':
      return `${formatBytes(basis.bytes.versus)} to ${formatBytes(basis.bytes.variant)}`
    case 'repetitions':
      return `${plural(basis.repetitions, 'repetition')}, min to max`
  }
}

/** All verdicts in one line; nothing without claims. */
export function verdictSummary(verdicts: readonly ClaimVerdict[]): readonly Block[] {
  if (verdicts.length === 0) return []
  return [
    heading(2, span('In short', 'strong')),
    paragraph(
      ...verdicts.flatMap(({ claim, status }, index) => [
        span(`${index === 0 ? '' : ' · '}${claim.id} `),
        span(status, verdictTone(status)),
      ]),
    ),
  ]
}

function verdictTone(status: VerdictStatus): Tone {
  switch (status) {
    case 'confirmed':
      return 'good'
    case 'refuted':
      return 'bad'
    case 'partly':
    case 'inconclusive':
    case 'not-measured':
      return 'warn'
  }
}
