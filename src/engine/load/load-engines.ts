import type { LoadEngine } from '../../load/engine.ts'

/** The engines by their names on the command line, each loaded when it is asked for. */
export const loadEngines = {
  open: async () => (await import('../../load/open/open-engine.ts')).openEngine,
  autocannon: async () => (await import('../../load/autocannon/autocannon-engine.ts')).autocannonEngine,
  k6: async () => (await import('../../load/k6/k6-engine.ts')).k6Engine,
} as const satisfies Record<string, () => Promise<LoadEngine>>

export type LoadEngineName = keyof typeof loadEngines
export const loadEngineNames = Object.keys(loadEngines) as readonly LoadEngineName[]
