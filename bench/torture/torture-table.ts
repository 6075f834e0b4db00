import type { TrialRecord } from './records.ts'
import { promises, type BrokenPromise, type TrialKind } from './trial.ts'

/** The table of a campaign as Markdown; records of kinds that are no more are left out. */
export function tortureTable(records: readonly TrialRecord[], kinds: readonly TrialKind[]): string {
  const rows = kinds.map((kind) => ({ kind, made: records.filter((record) => record.kind === kind.name) }))
  const all = rows.flatMap(({ made }) => made)
  const kills = rows
    .flatMap(({ kind, made }) => (kind.kills ? made : []))
    .filter(({ outcome }) => outcome.status === 'held' && outcome.event === 'killed').length
  return [
    '| mishap | trials | what happened | acknowledged and stored | broken promises |',
    '| :-- | --: | :-- | --: | --: |',
    ...rows.map(({ kind, made }) => row(kind.title, made)),
    row('together', all, `${kills} SIGKILLs met a command at work`),
    '',
    '| promise | broken in |',
    '| :-- | --: |',
    ...promises.map((promise) => `| ${promise} | ${brokenIn(all, promise)} |`),
  ].join('\n')
}

function row(title: string, made: readonly TrialRecord[], events = eventsOf(made)): string {
  const acknowledged = made.reduce(
    (sum, { outcome }) => sum + (outcome.status === 'held' ? outcome.acknowledged : 0),
    0,
  )
  const broken = made.filter(({ outcome }) => outcome.status === 'broken').length
  return `| ${title} | ${made.length} | ${events} | ${acknowledged === 0 ? '–' : acknowledged.toLocaleString('en')} | ${broken} |`
}

function eventsOf(made: readonly TrialRecord[]): string {
  const counts = new Map<string, number>()
  for (const { outcome } of made) {
    if (outcome.status === 'held') counts.set(outcome.event, (counts.get(outcome.event) ?? 0) + 1)
  }
  const events = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return events.map(([event, count]) => `${count} ${event}`).join(', ') || '–'
}

const brokenIn = (records: readonly TrialRecord[], promise: BrokenPromise): number =>
  records.filter(({ outcome }) => outcome.status === 'broken' && outcome.promise === promise).length
