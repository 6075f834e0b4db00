import { atMost } from '../../../core/at-most.ts'
import { InterruptedError } from '../../../core/errors.ts'
import type { ScenarioCost } from '../../../run/run.ts'
import { isMonthly, type Budget } from '../../../scenario/budget.ts'
import { countRowsOnServer, countsPages } from '../../../target/remote/count-rows-on-server.ts'
import { quoteIdentifier } from '../../../target/quote-identifier.ts'
import { serverVersion } from '../../../target/remote/server-version.ts'
import { findSqld, startSqld } from '../../../target/server/sqld-process.ts'
import type { DrawnOperation } from '../../draw/drawn-operation.ts'
import type { Findings } from '../findings.ts'
import type { MeasuredVariant, Measurement } from '../measurement.ts'
import { evidenceOperation, type VariantEvidence } from './variant-evidence.ts'

type Counted = ScenarioCost['counted'][number]

/** What servers counted; embedded libSQL counts rows too and does not report them. */
interface RowCounts extends Pick<ScenarioCost, 'counted' | 'indexBuilds'> {
  readonly server: string
}

const serversAtOnce = 2

/**
 * Adds the rows that operations read and write to the findings, where a budget limits them or a bill is asked for: the
 * same statements are run with the same arguments on a libSQL server that starts from the variant's database. Without a
 * server the findings stay as they are, and what needs those rows cannot be judged.
 * @throws InterruptedError between two servers
 */
export async function countRows(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  findings: Findings,
): Promise<void> {
  const counts = await countsOf(measurement, drawn)
  if (counts === undefined) return
  findings.evidence = withRowsRead(findings.evidence ?? [], counts.counted)
  const { cost: order } = measurement.options
  if (order === undefined) return
  const { prices, plan, callsOf } = order
  findings.cost = { ...counts, prices, plan, ...callsOf(measurement.loaded) }
}

/** The evidence with the rows that reads read, where a budget limits them and a server is at hand. */
export async function withLimitedRowsRead(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
  evidence: readonly VariantEvidence[],
): Promise<readonly VariantEvidence[]> {
  const counts = await countsOf(measurement, drawn)
  return counts === undefined ? evidence : withRowsRead(evidence, counts.counted)
}

async function countsOf(
  measurement: Measurement,
  drawn: readonly DrawnOperation[],
): Promise<RowCounts | undefined> {
  const { variants, options } = measurement
  const isDue = dueOperations(measurement)
  const asked = variants.filter(({ id }) => drawn.some(({ operation }) => isDue(operation.id, id)))
  if (asked.length === 0 || (await findSqld()) === undefined) return undefined
  const stages = [...new Set(asked.map(({ stage }) => stage.path))]
  const known = new Set(variants[0]?.stage.indexes.map(({ name }) => name))
  const countsBuilds = options.cost?.variants === 'all'
  const found = await atMost(serversAtOnce, stages, async (path) => {
    if (options.signal.aborted) throw new InterruptedError()
    const sharing = asked.filter(({ stage }) => stage.path === path)
    const indexes = countsBuilds
      ? (sharing[0]?.stage.indexes.filter(({ name }) => !known.has(name)) ?? [])
      : []
    const due = drawn.filter(({ operation }) => sharing.some(({ id }) => isDue(operation.id, id)))
    return countOnServer(sharing, due, indexes)
  })
  const [first] = found
  return (
    first && {
      server: first.server,
      counted: found.flatMap(({ counted }) => counted.filter((each) => isDue(each.operation, each.variant))),
      indexBuilds: found.flatMap(({ indexBuilds }) => indexBuilds),
    }
  )
}

/** Which operation on which variant has rows to be counted. */
function dueOperations({ loaded, options }: Measurement): (operation: string, variant: string) => boolean {
  const budgets = loaded.scenario.budgets ?? []
  const limitsRows = ({ rowsRead }: Budget): boolean => rowsRead !== undefined
  return (operation, variant) => {
    if (budgets.some((each) => limitsRows(each) && each.variant === variant && each.operation === operation))
      return true
    if (options.cost === undefined) return false
    if (options.cost.variants === 'all') return true
    return budgets.some(
      (each) => isMonthly(each) && each.variant === variant && (each.operation ?? operation) === operation,
    )
  }
}

/** Counts on one server what variants of one database do; each of them gets the counts. */
async function countOnServer(
  sharing: readonly MeasuredVariant[],
  drawn: readonly DrawnOperation[],
  indexes: readonly { readonly name: string; readonly sql: string }[],
): Promise<RowCounts> {
  const [variant] = sharing
  if (variant === undefined) throw new RangeError('a database of no variant')
  const server = await startSqld({ databasePath: variant.stage.path })
  try {
    const operations = drawn
      .flatMap((each) => operationOn(each, variant) ?? [])
      // Writes are taken back, yet a page that they split stays split.
      .toSorted((a, b) => Number(a.kind === 'write') - Number(b.kind === 'write'))
    const counted: Counted[] = []
    for (const { id, kind, sql, args } of operations) {
      const rows = await countRowsOnServer(server.url, {
        sql,
        argsList: args,
        ...(kind === 'write' ? { undo: true } : {}),
      })
      const lists = {
        rowsRead: rows.map(({ rowsRead }) => rowsRead),
        rowsWritten: rows.map(({ rowsWritten }) => rowsWritten),
        serverMs: rows.map(({ serverMs }) => serverMs),
        ...(kind === 'read' && (await countsPages(server.url, sql, args[0] ?? []))
          ? { countsPages: true }
          : {}),
      }
      counted.push(...sharing.map((each) => ({ operation: id, variant: each.id, ...lists })))
    }
    const builds: { index: string; rowsRead: number; rowsWritten: number }[] = []
    for (const { name, sql } of indexes) {
      await countRowsOnServer(server.url, { sql: `DROP INDEX ${quoteIdentifier(name)}`, argsList: [[]] })
      for (const { rowsRead, rowsWritten } of await countRowsOnServer(server.url, { sql, argsList: [[]] }))
        builds.push({ index: name, rowsRead, rowsWritten })
    }
    return {
      server: (await serverVersion(server.url)) ?? 'sqld',
      counted,
      indexBuilds: sharing.flatMap(({ id }) => builds.map((build) => ({ variant: id, ...build }))),
    }
  } finally {
    await server.stop()
  }
}

/** Writes are measured on one of two twins, but either is billed for them: the other asks with the same arguments. */
const operationOn = (drawn: DrawnOperation, { id, analyzedTwin }: MeasuredVariant) =>
  evidenceOperation(drawn, id) ??
  (drawn.operation.kind === 'write' && analyzedTwin !== null
    ? evidenceOperation(drawn, analyzedTwin)
    : undefined)

const withRowsRead = (
  evidence: readonly VariantEvidence[],
  counted: readonly Counted[],
): readonly VariantEvidence[] =>
  evidence.map(({ variant, operations }) => ({
    variant,
    operations: operations.map((found) => {
      const rows = counted.find((each) => each.variant === variant && each.operation === found.operation)
      if (rows === undefined || found.answerDigest === null) return found
      const rowsRead = rows.rowsRead.reduce((sum, each) => sum + each, 0)
      return { ...found, counters: { ...found.counters, rowsRead } }
    }),
  }))
