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

/** How parts of claims are told; those of scenarios unless others are given. */
export interface PartWords<Part> {
  /** What is measured. */
  readonly quantity: (part: Part) => string
  /** What is compared. */
  readonly sides: (part: Part) => string
  readonly measured: (part: Part, measured: PartMeasurement) => string
  readonly claimed: (part: Part) => string
}

const runPartWords: PartWords<ClaimPartRun> = {
  quantity: quantityOf,
  sides: ({ variant, versus }) => `${variant} vs ${versus}`,
  measured: (_, measured) => measuredText(measured),
  claimed: ({ claimed }) => formatClaimed(claimed),
}

/** Every claim with its verdict, and one line a part: measured beside claimed. */
export const verdictSection = (verdicts: readonly ClaimVerdict[]): readonly Block[] =>
  verdictSectionOf(verdicts, runPartWords)

/** As `verdictSection`, of parts of other kinds. */
export function verdictSectionOf<Part>(
  verdicts: readonly ClaimVerdict<Part>[],
  words: PartWords<Part>,
): readonly Block[] {
  return verdicts.length === 0
    ? []
    : [
        heading(2, span('What holds', 'strong')),
        ...verdicts.flatMap((verdict) => claimBlocks(verdict, words)),
      ]
}

function claimBlocks<Part>(
  { claim, status, scenario, parts }: ClaimVerdict<Part>,
  words: PartWords<Part>,
): readonly Block[] {
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
            rows: parts.map((part) => partRow(part, words)),
          } as const,
        ]),
    ...list(parts.flatMap((part) => openPart(part, words))),
    ...(claim.note === undefined ? [] : [paragraph(span(claim.note, 'dim'))]),
  ]
}

/** What it would take to decide a part that the data leave open. */
function openPart<Part>(
  { part, measured }: PartVerdict<Part>,
  { quantity }: PartWords<Part>,
): readonly (readonly Span[])[] {
  if (measured.state !== 'measured' || measured.basis.kind !== 'rounds') return []
  const { rounds, roundsNeeded } = measured.basis
  return roundsNeeded === null
    ? []
    : [
        [
          span(
            `${quantity(part)}: open after ${plural(rounds, 'round')}; ${moreRounds(roundsNeeded)}`,
            'warn',
          ),
        ],
      ]
}

const partRow = <Part>(
  { status, part, measured }: PartVerdict<Part>,
  words: PartWords<Part>,
): readonly Span[] => [
  span(status, verdictTone(status)),
  span(`${words.quantity(part)}, ${words.sides(part)}`),
  span(words.measured(part, measured)),
  span(words.claimed(part)),
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

/** The change that was measured, or what there is in its place. */
export function measuredText(measured: PartMeasurement): string {
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
      return `${plural(basis.rounds, 'round')}${samplesText(basis.samples)}${confidence}`
    }
    case 'exact':
      return `${formatBytes(basis.bytes.versus)} to ${formatBytes(basis.bytes.variant)}`
    case 'repetitions':
      return `${plural(basis.repetitions, 'repetition')}, min to max`
  }
}

function samplesText(samples: { readonly variant: number; readonly versus: number } | undefined): string {
  if (samples === undefined) return ''
  const { variant, versus } = samples
  const text =
    variant === versus ? formatCount(variant) : `${formatCount(variant)} and ${formatCount(versus)}`
  return `, ${text} samples`
}

/** All verdicts in one line; nothing without claims. */
export function verdictSummary(
  verdicts: readonly Pick<ClaimVerdict, 'claim' | 'status'>[],
): readonly Block[] {
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
