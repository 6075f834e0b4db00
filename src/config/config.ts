import type { Budget } from '../scenario/budget.ts'
import type { Dataset } from '../scenario/dataset.ts'

/** What `forgebench.config.ts` in the current folder may say. */
export interface Config {
  /** Datasets that scenarios of this project may name. */
  readonly datasets?: readonly Dataset[]
  /** What scenarios that name none stand on, or its name; the reference unless given. */
  readonly dataset?: Dataset | string
  readonly load?: {
    /** Hosts besides this machine that may be put under load. */
    readonly allowHosts?: readonly string[]
  }
  readonly gate?: {
    /** By the scenario's id, besides its own; where both limit the same, these count: they know the machine. */
    readonly budgets?: Readonly<Record<string, readonly Budget[]>>
    /** Of every load that `gate judge` judges, besides its profile's: by metric, in k6's syntax. */
    readonly thresholds?: Readonly<Record<string, readonly string[]>>
  }
}

/** Gives a configuration its type; returns the value as it is. */
export const defineConfig = (config: Config): Config => config
