import type { GateStatus } from '../../run/gate/gate-verdict.ts'
import { namedFindings, type GateReport, type NamedFinding } from './gate-report.ts'
import { wellFormed } from '../render/well-formed.ts'

/** GitHub shows ten of a kind for a step, fifty for a job; the rest would vanish without a word. */
const mostAnnotations = 10

/** Far below what GitHub takes, and more than anybody reads beside a file. */
const longestMessage = 4_000

/** GitHub's checks take 255 characters. */
const longestTitle = 250

type Level = 'error' | 'warning' | 'notice'

interface Annotation {
  readonly level: Level
  readonly title: string
  readonly file: string | undefined
  readonly message: string
}

const levels: Readonly<Record<GateStatus, Level | null>> = {
  invalid: 'error',
  fail: 'error',
  inconclusive: 'warning',
  improved: 'notice',
  pass: null,
}

/**
 * A gate as workflow commands of GitHub Actions, a line each, worst first, at most ten: errors for what fails or is
 * invalid, warnings for what is inconclusive, notices for what is better and for what else must be known. The last one
 * says how many were left out. Escaped as the runner unescapes it: `%`, CR and LF everywhere, `:` and `,` in properties.
 */
export function githubAnnotations(report: GateReport): string {
  const all = annotationsOf(report)
  const shown =
    all.length <= mostAnnotations
      ? all
      : [...all.slice(0, mostAnnotations - 1), leftOut(all.slice(mostAnnotations - 1))]
  return shown.map((annotation) => `${commandOf(annotation)}\n`).join('')
}

function annotationsOf({ verdict, files }: GateReport): readonly Annotation[] {
  const found = namedFindings(verdict.findings).flatMap((named) => annotationOf(named, files))
  const notes = verdict.notes.map((note) => ({
    // Nothing judged, and nothing else to show it by.
    level: verdict.findings.length === 0 ? ('error' as const) : ('notice' as const),
    title: `forgebench gate: ${verdict.status}`,
    file: undefined,
    message: note,
  }))
  return [...found, ...notes]
}

function annotationOf({ finding, name }: NamedFinding, files: GateReport['files']): readonly Annotation[] {
  const level = levels[finding.status]
  if (level === null) return []
  const file = Object.hasOwn(files, finding.scenario) ? files[finding.scenario] : undefined
  return [{ level, title: `${finding.status}: ${name}`, file, message: finding.reason }]
}

function leftOut(rest: readonly Annotation[]): Annotation {
  return {
    level: rest[0]?.level ?? 'notice',
    title: `forgebench gate: ${rest.length} more`,
    file: undefined,
    message: `${rest.length} more are in the summary of this job, beginning with ${rest[0]?.title ?? ''}`,
  }
}

function commandOf({ level, title, file, message }: Annotation): string {
  const properties = [`title=${escapedProperty(clipped(title, longestTitle))}`]
  if (file !== undefined && file !== '') properties.push(`file=${escapedProperty(file)}`)
  return `::${level} ${properties.join(',')}::${escapedData(clipped(message, longestMessage))}`
}

const clipped = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}…`

const escapedData = (text: string): string =>
  wellFormed(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapedProperty = (text: string): string =>
  escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
