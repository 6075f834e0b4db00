import { cpus, loadavg, platform, release, arch, totalmem } from 'node:os'
import type { Environment } from './run.ts'

/** What a reader must know of the machine. The engine's versions come from the caller, who has the engine at hand. */
export const environmentStamp = (engine: Environment['engine']): Environment => ({
  ...machineStamp(),
  engine,
})

/** The same without a database engine: what a load run needs. */
export function machineStamp(): Omit<Environment, 'engine'> {
  const processors = cpus()
  return {
    node: process.versions.node,
    platform: `${platform()} ${release()} ${arch()}`,
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    cpus: processors.length,
    memoryBytes: totalmem(),
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
    ci: isSet(process.env['CI']),
  }
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'false'].includes(value)
