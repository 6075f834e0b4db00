import { readFile } from 'node:fs/promises'
import { UsageError } from '../../core/errors.ts'
import { connectionsFor } from '../../core/littles-law.ts'
import type { LoadPlan } from '../load-plan.ts'

/** What this machine allows a process; null where it does not say. */
export interface MachineLimits {
  readonly openFilesLimit: number | null
  /** First and last port that connections may leave from. */
  readonly portRange: readonly [number, number] | null
}

/** Files that a sending process has open beside its connections. */
const ownFiles = 64

export async function readLimits(): Promise<MachineLimits> {
  const [limits, ports] = await Promise.all(
    ['/proc/self/limits', '/proc/sys/net/ipv4/ip_local_port_range'].map((path) =>
      readFile(path, 'utf8').catch(() => ''),
    ),
  )
  return { openFilesLimit: parseOpenFiles(limits ?? ''), portRange: parsePortRange(ports ?? '') }
}

/** The soft limit in /proc/self/limits, which Node has raised to the hard one; null when there is none. */
export function parseOpenFiles(limits: string): number | null {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? null : Number(soft)
}

export function parsePortRange(text: string): readonly [number, number] | null {
  const [, first, last] = /^(\d+)\s+(\d+)/.exec(text) ?? []
  return first === undefined || last === undefined ? null : [Number(first), Number(last)]
}

/**
 * Makes sure that the connections of a plan can be there at all.
 * @throws UsageError OPEN_FILES_LIMIT or PORT_RANGE, with the command that raises the limit
 */
export function checkLimits(
  { connections, workers }: Pick<LoadPlan, 'connections' | 'workers'>,
  { openFilesLimit, portRange }: MachineLimits,
): void {
  const files = Math.ceil(connections / workers) + ownFiles
  if (openFilesLimit !== null && files > openFilesLimit) {
    throw new UsageError(
      'OPEN_FILES_LIMIT',
      `${connections} connections over ${workers} processes need ${files} open files each, and ${openFilesLimit} are allowed; allow more with: ulimit -n ${roundUp(files)} (where that is refused, raise the hard limit as root), or ask for fewer --connections`,
    )
  }
  if (portRange === null) return
  const ports = portRange[1] - portRange[0] + 1
  if (connections > ports) {
    throw new UsageError(
      'PORT_RANGE',
      `${connections} connections to one address need as many local ports, and there are ${ports}; allow more with: sudo sysctl -w net.ipv4.ip_local_port_range="1024 65535", or ask for fewer --connections`,
    )
  }
}

const roundUp = (files: number): number => Math.ceil(files / 1024) * 1024

/** How far the pool may grow unless an option says otherwise. */
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
  if (maxConnections === undefined || model.kind !== 'open-model') return plan
  const most = Math.max(connections, Math.min(maxConnections, mostAllowed(limits, processes)))
  const wanted = connectionsFor(model.ratePerSec, latencyNs)
  return { ...plan, connections: Math.min(most, Math.max(connections, wanted)), maxConnections: most }
}

function mostAllowed({ openFilesLimit, portRange }: MachineLimits, processes: number): number {
  const byFiles = openFilesLimit === null ? Infinity : (openFilesLimit - ownFiles) * processes
  const byPorts = portRange === null ? Infinity : portRange[1] - portRange[0] + 1
  return Math.max(1, Math.min(byFiles, byPorts))
}
