import { planChange, planFingerprint, type PlanNode } from '../../schema/plan.ts'
import type { ExplainRow } from '../../target/connection.ts'

/** EXPLAIN QUERY PLAN as indented lines. */
export function planLines(rows: readonly ExplainRow[]): readonly string[] {
  const depth = new Map<number, number>([[0, -1]])
  return rows.map(({ id, parent, detail }) => {
    const level = (depth.get(parent) ?? -1) + 1
    depth.set(id, level)
    return `${'  '.repeat(level)}${detail}`
  })
}

/** One short phrase of what differs between two plans; empty when nothing does. */
export function changeOf(before: readonly PlanNode[], after: readonly PlanNode[]): string {
  return planFingerprint(before) === planFingerprint(after) ? '' : planChange(before, after)
}
