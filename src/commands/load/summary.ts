import { outsideLine } from '../../core/outside-text.ts'
import { plannedRequests } from '../../engine/load/plan-load.ts'
import type { PreparedLoad } from '../../engine/load/prepare-load.ts'
import { plannedSeconds } from '../../core/load-stages.ts'
import type { LoadPlan } from '../../load/load-plan.ts'

const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })

/** What a load is about to send, for a user who may want to stop it. */
export function loadSummary({ loaded, plan, thresholds }: PreparedLoad, engine: string): string {
  const weights = loaded.profile.mixes[plan.mix] ?? {}
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  const sent = loaded.profile.requests.flatMap((request) => {
    const share = (weights[request.id] ?? 0) / total
    return share > 0 ? [{ ...request, share }] : []
  })
  const writes = sent.filter(({ method }) => method !== 'GET')
  const arrivals = plannedRequests(plan)
  const lines = [
    `load on ${plan.url} by the engine ${engine}: profile ${loaded.id}, mix ${plan.mix}, seed ${plan.seed}`,
    `  ${amount(plan, arrivals)}`,
    `  ${sent.map(({ id, method, share }) => `${grouped(share * 100)} % ${method} ${id}`).join(', ')}`,
    `  ${connections(plan)}, answers within ${plan.timeoutMs} ms, at most ${grouped(plan.maxRequests)} requests`,
    writes.length === 0
      ? '  nothing is written'
      : `  IT WRITES: ${writes.map((each) => writeText(each, arrivals)).join(', ')}`,
    `  thresholds: ${thresholds.map(({ metric, expression }) => `${metric} ${expression}`).join(', ') || 'none'}`,
    '',
  ]
  return lines.map(outsideLine).join('\n')
}

function connections({ connections: count, maxConnections }: PreparedLoad['plan']): string {
  if (maxConnections !== undefined) {
    return `as many connections as the answers need, ${grouped(maxConnections)} at most`
  }
  return count === 1 ? '1 connection' : `${count} connections`
}

function amount(plan: LoadPlan, arrivals: number | null): string {
  const { model, warmUpSeconds } = plan
  const length = `${grouped(plannedSeconds(plan))} s, of which ${grouped(warmUpSeconds)} s are warm-up`
  switch (model.kind) {
    case 'open-model':
      return `${grouped(model.ratePerSec)} requests/s (${model.spacing}) for ${length}: about ${grouped(arrivals ?? 0)} requests`
    case 'closed-model':
      return `${grouped(model.users)} users for ${length}`
    case 'peak':
      return `as fast as answers come for ${length}`
  }
}

function writeText(
  request: {
    readonly id: string
    readonly method: string
    readonly creates?: string
    readonly share: number
  },
  arrivals: number | null,
): string {
  const often = arrivals === null ? '' : ` about ${grouped(Math.round(arrivals * request.share))} times`
  return `${request.method} ${request.id}${often}${request.creates === undefined ? '' : ` adds ${request.creates}`}`
}
