import { cpus, loadavg, platform, release, arch, totalmem } from 'node:os'
import type { Environment } from './run.ts'

/** What a reader must know of the machine. The versions of engine and drivers come from the caller, who has them at hand. */
export const environmentStamp = (
  engine: Environment['engine'],
  drivers?: Environment['drivers'],
): Environment => ({
  ...machineStamp(),
  engine,
  ...(drivers === undefined ? {} : { drivers }),
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
