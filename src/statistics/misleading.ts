import { notableShare, type LargestGroup } from './largest-groups.ts'
import { readEstimates, withRowsPerKey } from './statistics-rows.ts'

/**
 * `sqlite_stat1` keeps one mean per key, so that an index on a column that is mostly NULL looks as selective as one on a
 * column of ids. A mean misleads where the largest group is a notable share of all entries, and this many times the
 * mean: a query for its value reads a large part of the table through an index that promised a few rows.
 */
const misleadingFactor = 10
/** Fewer rows are read in no time, whatever the planner takes them for. */
const fewestRows = 100

/** A prefix of a key whose mean says little of its largest group. */
export interface MisleadingMean {
  readonly statedRows: number
  readonly group: LargestGroup
}

/** Where the row of an index misleads; empty where it does not. */
export function misleadingMeans(
  stat: string | null,
  entries: number,
  groups: readonly LargestGroup[],
): readonly MisleadingMean[] {
  const { rowsPerKey } = readEstimates(stat)
  return groups.flatMap((group) => {
    const statedRows = rowsPerKey[group.prefix - 1]
    const isLarge = group.rows >= fewestRows && group.rows >= entries * notableShare
    const misleads =
      statedRows !== undefined && isLarge && group.rows >= Math.max(statedRows, 1) * misleadingFactor
    return misleads ? [{ statedRows, group }] : []
  })
}

/**
 * The row of an index with the size of the largest group in place of each mean that misleads; means of shorter prefixes
 * are never below those of longer ones, since a group of a longer prefix is part of one of the shorter.
 */
export function repairedStat(stat: string, means: readonly MisleadingMean[]): string {
  if (means.length === 0) return stat
  const repaired = [...readEstimates(stat).rowsPerKey]
  for (const { group } of means) {
    for (let index = 0; index < group.prefix; index += 1) {
      repaired[index] = Math.max(repaired[index] ?? 0, group.rows)
    }
  }
  return withRowsPerKey(stat, repaired)
}
