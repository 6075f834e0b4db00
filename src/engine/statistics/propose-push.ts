import { UsageError } from '../../core/errors.ts'
import { formatBytes, plural } from '../../core/number-format.ts'
import type { LoadedScenario } from '../../scenario/load.ts'
import { readSchemaObjects, schemaDifferences } from '../../schema/schema-objects.ts'
import { fileSize } from '../../schema/sizes.ts'
import { analyze } from '../../schema/statistics.ts'
import { assess } from '../../statistics/assess.ts'
import { filedRows, type FiledRow } from '../../statistics/statistics-file.ts'
import { readTableShapes, type TableShape } from '../../statistics/index-shape.ts'
import { isOfSame, mergeRows } from '../../statistics/merge-rows.ts'
import { repairedStat } from '../../statistics/misleading.ts'
import { openPlannerDatabase, type PlannerDatabase } from '../../statistics/planner-database.ts'
import { statisticsProblems } from '../../statistics/problems.ts'
import { readStatistics, type StatisticsRow } from '../../statistics/statistics-rows.ts'
import { NativeConnection } from '../../target/native.ts'
import { costsWith, foretell, type Copy, type ForetoldStatement } from './foretell.ts'
import { copyHere, copySchema, setStatistics } from './local-copy.ts'
import { scenarioWorkload, sqlWorkload, type WorkloadStatement } from './workload.ts'

/** Where new rows come from. */
export type RowSource =
  /** ANALYZE of a local copy of the target, or of a database file. */
  | { readonly kind: 'analyze'; readonly file: string | undefined }
  /** The statistics that a database file has. */
  | { readonly kind: 'database'; readonly file: string }
  /** Rows of a statistics file. */
  | { readonly kind: 'rows'; readonly rows: readonly FiledRow[] }
  /** Those that the target has, to be repaired. */
  | { readonly kind: 'current' }

/** The statements whose plans are looked at. */
export type WorkloadSource =
  | { readonly kind: 'scenario'; readonly loaded: LoadedScenario; readonly seed: number }
  | { readonly kind: 'sql'; readonly path: string }
  | { readonly kind: 'none' }

export interface PushOrder {
  readonly target: PlannerDatabase
  readonly authToken: string | undefined
  readonly source: RowSource
  /** Puts the largest group in place of means that mislead. */
  readonly repair: boolean
  readonly workload: WorkloadSource
  readonly signal: AbortSignal
  /** Told before each step that takes time. */
  readonly onStep: (step: string) => void
}

/** A row that changes: undefined for one that is not there. */
export interface RowChange {
  readonly before: StatisticsRow | undefined
  readonly after: StatisticsRow | undefined
}

/** What a push would do. */
export interface PushProposal {
  /** Rows of the target; undefined without a table. */
  readonly before: readonly StatisticsRow[] | undefined
  readonly after: readonly StatisticsRow[]
  readonly changes: readonly RowChange[]
  /** Rows whose mean was repaired, and with what it was. */
  readonly repaired: readonly RowChange[]
  /** What still misleads in the rows, one line each; empty where nothing was counted. */
  readonly misleading: readonly string[]
  readonly notes: readonly string[]
  readonly foretold: readonly ForetoldStatement[]
  /** With the new rows before their repair, where that is something else. */
  readonly unrepaired: readonly ForetoldStatement[]
}

/**
 * Makes the rows to push, and measures on local copies what they do to the plans of a workload. The target is only read.
 * @param folder for the copies
 * @throws UsageError where the order or the workload does not fit; TargetError
 */
export async function proposePush(order: PushOrder, folder: string): Promise<PushProposal> {
  const { target, repair, signal, workload } = order
  // What is wrong with it is better known before anything is copied.
  const written = workload.kind === 'sql' ? sqlWorkload(workload.path) : []
  const before = await readStatistics(target)
  if (before === undefined && target.location.kind !== 'file') throw tableMissing(target.shown)
  const tables = await readTableShapes(target)
  const { copy, source, notes } = await prepare(order, before ?? [], tables, folder)
  const merged = mergeRows(source, tables, order.source.kind === 'analyze' ? [] : (before ?? []))
  const judged = copy?.holdsRows === true ? await judge(copy.path, merged.rows) : undefined
  const after = repair && judged !== undefined ? judged.repaired : merged.rows
  const statements = workload.kind === 'scenario' ? await drawnWorkload(workload, copy) : written
  const costs = async (rows: readonly StatisticsRow[]) =>
    copy === undefined ? [] : costsWith(copy, statements, rows, signal)
  if (statements.length > 0) order.onStep(`explaining ${statements.length} statements on a local copy`)
  const old = await costs(before ?? [])
  const isRepaired = repair && after.some((row, index) => row.stat !== merged.rows[index]?.stat)
  return {
    before,
    after,
    changes: changesOf(before ?? [], after),
    repaired: isRepaired ? changesOf(merged.rows, after) : [],
    misleading: repair ? [] : (judged?.misleading ?? []),
    notes: [...notes, ...merged.dropped.map((line) => `left out: ${line}`), ...keptNote(merged.kept)],
    foretold: foretell(statements, old, await costs(after)),
    unrepaired:
      isRepaired && order.source.kind !== 'current'
        ? foretell(statements, old, await costs(merged.rows))
        : [],
  }
}

const keptNote = (kept: readonly StatisticsRow[]): readonly string[] =>
  kept.length === 0
    ? []
    : [`kept: ${plural(kept.length, 'row')} of the database that the source says nothing of`]

const tableMissing = (shown: string): UsageError =>
  new UsageError(
    'STATISTICS_TABLE_MISSING',
    `${shown}: has no table sqlite_stat1, and libSQL servers (to 0.24) refuse to create it; create the database once from an analyzed file: forgebench server start --db file:app.db, or turso db create --from-file app.db`,
  )

interface Prepared {
  /** Undefined where nothing is to be explained or counted. */
  readonly copy: Copy | undefined
  readonly source: readonly FiledRow[]
  readonly notes: readonly string[]
}

/** The copy that everything is tried on, and the rows of the source. */
async function prepare(
  { target, authToken, source, repair, workload, signal, onStep }: PushOrder,
  before: readonly StatisticsRow[],
  tables: readonly TableShape[],
  folder: string,
): Promise<Prepared> {
  if (source.kind === 'database' || (source.kind === 'analyze' && source.file !== undefined)) {
    return prepareFile(source.file ?? '', source.kind, target, folder, signal)
  }
  const needsRows = source.kind === 'analyze' || repair || workload.kind === 'scenario'
  if (!needsRows && target.location.kind !== 'file') {
    const path = workload.kind === 'sql' ? await copySchema(target, folder) : undefined
    return {
      copy: path === undefined ? undefined : { path, holdsRows: false },
      source: rowsOf(source, before, tables),
      notes: [],
    }
  }
  onStep(`copying ${target.shown} to this machine: ${formatBytes((await fileSize(target)).bytes)}`)
  const path = await copyHere(target, authToken, folder, signal)
  if (source.kind === 'analyze') {
    onStep('analyzing the copy')
    await analyzeCopy(path)
    return { copy: { path, holdsRows: true }, source: await statisticsOf(path), notes: [] }
  }
  return { copy: { path, holdsRows: true }, source: rowsOf(source, before, tables), notes: [] }
}

const rowsOf = (
  source: RowSource,
  before: readonly StatisticsRow[],
  tables: readonly TableShape[],
): readonly FiledRow[] => (source.kind === 'rows' ? source.rows : filedRows(before, tables))

async function prepareFile(
  file: string,
  kind: 'database' | 'analyze',
  target: PlannerDatabase,
  folder: string,
  signal: AbortSignal,
): Promise<Prepared> {
  const opened = await openPlannerDatabase(file, undefined, 'read')
  try {
    const path = await copyHere(opened, undefined, folder, signal)
    if (kind === 'analyze') await analyzeCopy(path)
    const source = await statisticsOf(path)
    if (source.length === 0) {
      throw new UsageError(
        'STATISTICS_NONE',
        `${opened.shown}: has no statistics; add --analyze to analyze a copy of it`,
      )
    }
    const differences = schemaDifferences(await readSchemaObjects(target), await readSchemaObjects(opened))
    const notes =
      differences.length === 0
        ? []
        : [`${opened.shown} has another schema, so plans may differ: ${differences.slice(0, 3).join(', ')}`]
    return { copy: { path, holdsRows: true }, source, notes }
  } finally {
    opened.close()
  }
}

async function analyzeCopy(path: string): Promise<void> {
  const copy = new NativeConnection(path)
  try {
    await analyze(copy)
  } finally {
    copy.close()
  }
}

/** Rows of a copy with the keys of their indexes. */
async function statisticsOf(path: string): Promise<readonly FiledRow[]> {
  const copy = new NativeConnection(path, { readOnly: true })
  try {
    return filedRows((await readStatistics(copy)) ?? [], await readTableShapes(copy))
  } finally {
    copy.close()
  }
}

/** What misleads in rows by a count of a copy, and the rows with that repaired. */
async function judge(
  path: string,
  rows: readonly StatisticsRow[],
): Promise<{ readonly misleading: readonly string[]; readonly repaired: readonly StatisticsRow[] }> {
  setStatistics(path, rows)
  const copy = new NativeConnection(path, { readOnly: true })
  try {
    const assessment = await assess(copy, 'exact')
    const indexes = assessment.tables.flatMap((table) => table.indexes)
    return {
      misleading: statisticsProblems(assessment).flatMap(({ code, message }) =>
        code === 'misleading' ? [message] : [],
      ),
      repaired: rows.map((row) => {
        const means = indexes.find((each) => each.row !== undefined && isOfSame(each.row, row))?.misleading
        return row.stat === null || means === undefined
          ? row
          : { ...row, stat: repairedStat(row.stat, means) }
      }),
    }
  } finally {
    copy.close()
  }
}

const drawnWorkload = async (
  { loaded, seed }: WorkloadSource & { readonly kind: 'scenario' },
  copy: Copy | undefined,
): Promise<readonly WorkloadStatement[]> =>
  copy === undefined ? [] : scenarioWorkload(loaded, copy.path, seed)

const changesOf = (
  before: readonly StatisticsRow[],
  after: readonly StatisticsRow[],
): readonly RowChange[] => [
  ...after.flatMap((row) => {
    const old = before.find((each) => isOfSame(each, row))
    return old?.stat === row.stat ? [] : [{ before: old, after: row }]
  }),
  ...before.flatMap((old) =>
    after.some((row) => isOfSame(row, old)) ? [] : [{ before: old, after: undefined }],
  ),
]
