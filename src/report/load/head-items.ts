import { formatBytes, formatDecimal, formatInteger } from '../../core/number-format.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { heading, list, span, type Block, type Detail, type Span } from '../render/document.ts'

/** A name and what stands behind it. */
export const item = (name: string, text: string): readonly Span[] => [span(`${name}: `, 'dim'), span(text)]

/** `500 req/s, uniform arrivals`. */
export function modelText(model: LoadRun['settings']['model']): string {
  switch (model.kind) {
    case 'open-model':
      return `${formatDecimal(model.ratePerSec)} req/s, ${model.spacing === 'poisson' ? 'Poisson' : 'uniform'} arrivals`
    case 'closed-model':
      return `${formatInteger(model.users)} users with think time between requests`
    case 'peak':
      return 'as fast as answers come'
  }
}

type Machine = Omit<LoadRun['environment'], 'openFilesLimit' | 'portRange'>

/** Without the load average of a machine that merged what others sent. */
export const machineItem = ({
  cpus,
  cpuModel,
  memoryBytes,
  platform,
  ci,
  loadAverage,
}: Machine): readonly Span[] =>
  item(
    'machine',
    [
      `${cpus} × ${cpuModel}`,
      formatBytes(memoryBytes),
      platform,
      ...(ci ? ['CI'] : []),
      ...(loadAverage.length === 0 ? [] : [`load ${loadAverage.join(' ')}`]),
    ].join(', '),
  )

interface Dated extends Pick<LoadRun, 'startedAt' | 'finishedAt' | 'forgebench'> {
  readonly profile: Pick<LoadRun['profile'], 'fileDigest' | 'dataDigest'>
}

/** When it was measured, and the digests of what was sent; for a file only. */
export const originItems = (
  { startedAt, finishedAt, forgebench, profile }: Dated,
  detail: Detail,
): readonly (readonly Span[])[] =>
  detail === 'brief'
    ? []
    : [
        item('when', `${startedAt} to ${finishedAt}, forgebench ${forgebench}`),
        item('profile file', `SHA-256 ${profile.fileDigest}`),
        item('drawn rows', `SHA-256 ${profile.dataDigest}`),
      ]

/** How to read the tables, once a report. */
export const howMeasured = (texts: readonly string[]): readonly Block[] => [
  heading(2, span('How this was measured', 'strong')),
  ...list(texts.map((text) => [span(text)])),
]
