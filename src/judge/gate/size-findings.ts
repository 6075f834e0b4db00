import { formatInteger } from '../../core/number-format.ts'
import type { GateFinding, GateStatus } from '../../run/gate/gate-verdict.ts'
import type { VariantRun } from '../../run/run.ts'
import { amounts } from './counter-findings.ts'

type StoredObject = VariantRun['objects'][number]

/** Objects to name in one line. */
const mostNamed = 3

/**
 * What became of a variant's tables and indexes: one finding when some are lost, one when anything takes more or less
 * room, or one that passes. Exact, because the same rows take the same pages everywhere.
 */
export function sizeFindings(
  scenario: string,
  before: VariantRun,
  after: VariantRun,
): readonly GateFinding[] {
  const lost = before.objects.filter(({ name }) => objectOf(after, name) === undefined)
  const grown = after.objects.flatMap((object) => change(objectOf(before, object.name), object, 1))
  const shrunk = after.objects.flatMap((object) => change(objectOf(before, object.name), object, -1))
  const larger = after.fileBytes > before.fileBytes || grown.length > 0
  const smaller = after.fileBytes < before.fileBytes || shrunk.length > 0
  const finding = (metric: string, status: GateStatus, limit: string, reason: string): GateFinding => ({
    kind: 'counter',
    scenario,
    variant: before.id,
    operation: null,
    metric,
    status,
    limit,
    ...amounts(before.fileBytes, after.fileBytes, 'bytes'),
    reason,
    rounds: 0,
    samples: 0,
  })
  const file = `file ${formatInteger(before.fileBytes)} → ${formatInteger(after.fileBytes)} bytes`
  const limit = `≤ ${formatInteger(before.fileBytes)} bytes`
  const findings: GateFinding[] = []
  if (lost.length > 0) {
    const names = lost.map(
      ({ kind, name, table }) => `${kind} ${name}${kind === 'index' ? ` on ${table}` : ''}`,
    )
    findings.push({
      ...finding('objects', 'fail', 'every table and index of the baseline', `lost: ${listed(names)}`),
      ...nothingMeasured,
    })
  }
  if (larger) findings.push(finding('bytes', 'fail', limit, [file, ...grownWords(grown)].join(': ')))
  else if (smaller && lost.length === 0) {
    findings.push(
      finding(
        'bytes',
        'improved',
        limit,
        `${file}; to hold it, save the baseline again: forgebench gate save`,
      ),
    )
  }
  if (findings.length > 0) return findings
  const count = after.objects.length
  return [
    finding(
      'bytes',
      'pass',
      limit,
      `same ${count} objects in ${formatInteger(after.fileBytes)} bytes as before`,
    ),
  ]
}

const nothingMeasured = { baseline: null, measured: null, change: null } as const

const objectOf = ({ objects }: VariantRun, name: string): StoredObject | undefined =>
  objects.find((object) => object.name === name)

/** One phrase when the object became larger (`direction` 1) or smaller (−1). */
function change(before: StoredObject | undefined, after: StoredObject, direction: 1 | -1): readonly string[] {
  if (before === undefined) {
    return direction > 0 ? [`new ${after.kind} ${after.name} ${formatInteger(after.bytes)}`] : []
  }
  return (after.bytes - before.bytes) * direction > 0
    ? [`${after.name} ${formatInteger(before.bytes)} → ${formatInteger(after.bytes)}`]
    : []
}

const grownWords = (grown: readonly string[]): readonly string[] =>
  grown.length === 0 ? [] : [listed(grown)]

function listed(words: readonly string[]): string {
  const more = words.length - mostNamed
  return words.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
