import type { ExplainRow } from '../target/explain.ts'

/** EXPLAIN QUERY PLAN as indented lines. */
export function planLines(rows: readonly ExplainRow[]): readonly string[] {
  const depth = new Map<number, number>([[0, -1]])
  return rows.map(({ id, parent, detail }) => {
    const level = (depth.get(parent) ?? -1) + 1
    depth.set(id, level)
    return `${'  '.repeat(level)}${detail}`
  })
}
