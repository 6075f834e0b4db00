import { connectionsFor } from '../core/littles-law.ts'
import { ownFiles, type MachineLimits } from './limits.ts'
import type { LoadPlan } from './load-plan.ts'

/** Where nobody says how far the pool may grow. */
export const defaultMaxConnections = 10_000

/**
 * The plan with a pool that suits how fast the target answers; a plan whose pool is fixed stays as it is. The pool never
 * grows beyond what this machine allows.
 */
export function fitConnections(
  plan: LoadPlan,
  latencyNs: number,
  limits: MachineLimits,
  processes = plan.workers,
): LoadPlan {
  const { model, connections, maxConnections } = plan
  if (maxConnections === undefined || model.kind !== 'arrivals') return plan
  const most = Math.max(connections, Math.min(maxConnections, mostAllowed(limits, processes)))
  const wanted = connectionsFor(model.ratePerSec, latencyNs)
  return { ...plan, connections: Math.min(most, Math.max(connections, wanted)), maxConnections: most }
}

function mostAllowed({ openFilesLimit, portRange }: MachineLimits, processes: number): number {
  const byFiles = openFilesLimit === null ? Infinity : (openFilesLimit - ownFiles) * processes
  const byPorts = portRange === null ? Infinity : portRange[1] - portRange[0] + 1
  return Math.max(1, Math.min(byFiles, byPorts))
}
