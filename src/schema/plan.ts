import { createHash } from 'node:crypto'
import type { ExplainRow } from '../target/connection.ts'
import { readAccessNode, type AccessNode, type TableNode } from './access-node.ts'

/** A step of a plan with its place: 0 for the statement itself, more inside of subqueries. */
export type PlanNode = AccessNode & { readonly depth: number }

/** EXPLAIN QUERY PLAN as access nodes in execution order. Never throws. */
export function readPlan(rows: readonly ExplainRow[]): readonly PlanNode[] {
  const depths = new Map<number, number>()
  return rows.map(({ id, parent, detail }) => {
    const depth = (depths.get(parent) ?? -1) + 1
    depths.set(id, depth)
    return { ...readAccessNode(detail), depth }
  })
}

/** 12 hex digits, equal for two plans if and only if their nodes and nesting are. Ids of rows do not count. */
export function planFingerprint(nodes: readonly PlanNode[]): string {
  const text = nodes.map((node) => `${node.depth} ${describeNode(node)}`).join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** One line for a table cell, such as `SEARCH orders USING idx_a (customer=? AND state=?); SORT FOR ORDER BY`. */
export function describePlan(nodes: readonly PlanNode[]): string {
  return nodes.map(describeNode).join('; ') || 'no table'
}

/** Whether anything is sorted, grouped or made distinct through a temporary B-tree. */
export function sortsRows(nodes: readonly PlanNode[]): boolean {
  return nodes.some((node) => node.kind === 'sort')
}

function describeNode(node: AccessNode): string {
  switch (node.kind) {
    case 'search':
    case 'scan':
      return describeTable(node)
    case 'sort':
      return `SORT FOR ${node.rightPartOnly ? 'RIGHT PART OF ' : ''}${node.for}`
    case 'subquery':
    case 'list-subquery':
    case 'co-routine':
    case 'materialize':
    case 'compound':
    case 'multi-index-or': {
      const words =
        node.kind === 'compound' ? node.name : `${node.kind.toUpperCase().replace('-OR', ' OR')} ${node.name}`
      return `${node.reused ? 'REUSE ' : ''}${node.correlated ? 'CORRELATED ' : ''}${words}`.trim()
    }
    case 'bloom-filter':
      return `BLOOM FILTER ON ${node.table}${parenthesised(node.columns)}`
    case 'in-operator':
      return `IN BY ${node.table}`
    case 'other':
      return node.text
  }
}

function describeTable(node: TableNode): string {
  const how = [
    node.automatic && 'AUTOMATIC',
    node.partial && 'PARTIAL',
    node.covering && 'COVERING',
    node.index,
  ]
    .filter((word) => typeof word === 'string')
    .join(' ')
  const using = how === '' ? '' : ` USING ${how}`
  const join = node.leftJoin ? ' LEFT-JOIN' : ''
  return `${node.kind.toUpperCase()} ${node.table}${using}${parenthesised(node.columns)}${join}`
}

const parenthesised = (columns: readonly string[]): string =>
  columns.length === 0
    ? ''
    : ` (${columns.map((term) => (/[=<>]$/.test(term) ? `${term}?` : term)).join(' AND ')})`

/**
 * What became of a plan, in one short phrase, such as `idx_a → idx_b, also by status, sort gone`; `same plan` when
 * nothing did. Tables are compared in order, a table with the table of the same name.
 */
export function planChange(before: readonly PlanNode[], after: readonly PlanNode[]): string {
  if (planFingerprint(before) === planFingerprint(after)) return 'same plan'
  const old = before.filter(isTable)
  const changes = after.filter(isTable).flatMap((node) => {
    const at = old.findIndex(({ table }) => table === node.table)
    const [previous] = at < 0 ? [] : old.splice(at, 1)
    return previous === undefined ? [`reads ${node.table}`] : tableChanges(previous, node)
  })
  const phrases = [
    ...changes,
    ...old.map(({ table }) => `no longer reads ${table}`),
    ...sortChanges(before, after),
  ]
  return phrases.length === 0 ? 'other order of steps' : phrases.join(', ')
}

const isTable = (node: PlanNode): node is TableNode & { readonly depth: number } =>
  node.kind === 'search' || node.kind === 'scan'

function tableChanges(before: TableNode, after: TableNode): readonly string[] {
  const phrases: string[] = []
  const name = ({ automatic, index, table }: TableNode): string =>
    automatic ? 'automatic index' : (index ?? `table ${table}`)
  if (before.kind !== after.kind) phrases.push(`${before.kind} → ${after.kind}`)
  if (name(before) !== name(after)) phrases.push(`${name(before)} → ${name(after)}`)
  const more = after.columns.filter((term) => !before.columns.includes(term))
  const fewer = before.columns.filter((term) => !after.columns.includes(term))
  if (more.length > 0 && fewer.length === 0 && before.columns.length > 0)
    phrases.push(`also by ${columnNames(more)}`)
  else if (more.length > 0) phrases.push(`by ${columnNames(after.columns)}`)
  else if (fewer.length > 0 && after.columns.length > 0) phrases.push(`no longer by ${columnNames(fewer)}`)
  if (after.covering && !before.covering) phrases.push('now covering')
  if (before.covering && !after.covering) phrases.push('no longer covering')
  return phrases
}

const columnNames = (terms: readonly string[]): string =>
  terms.map((term) => term.replace(/[=<>]$/, '')).join(' and ')

function sortChanges(before: readonly PlanNode[], after: readonly PlanNode[]): readonly string[] {
  const sorts = (nodes: readonly PlanNode[]): readonly string[] =>
    nodes.flatMap((node) =>
      node.kind === 'sort' ? [`${node.rightPartOnly ? 'part of ' : ''}${node.for}`] : [],
    )
  const [old, fresh] = [sorts(before), sorts(after)]
  return [
    ...old.filter((sort) => !fresh.includes(sort)).map((sort) => `temp b-tree for ${sort} gone`),
    ...fresh.filter((sort) => !old.includes(sort)).map((sort) => `new temp b-tree for ${sort}`),
  ]
}
