import type { Budget } from '../scenario/budget.ts'

/** What `forgebench.config.ts` in the current folder may say. */
export interface Config {
  readonly load?: {
    /** Hosts besides this machine that may be put under load. */
    readonly allowHosts?: readonly string[]
  }
  readonly gate?: {
    /** By the scenario's id, besides its own; where both limit the same, these count: they know the machine. */
    readonly budgets?: Readonly<Record<string, readonly Budget[]>>
    /** Of every load that `gate --from` judges, besides its profile's: by metric, in k6's syntax. */
    readonly thresholds?: Readonly<Record<string, readonly string[]>>
  }
}

/** Gives a configuration its type; returns the value as it is. */
export const defineConfig = (config: Config): Config => config
