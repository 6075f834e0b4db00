/** What `forgebench.config.ts` in the current folder may say. */
export interface Config {
  readonly load?: {
    /** Hosts besides this machine that may be put under load. */
    readonly allowHosts?: readonly string[]
  }
}

/** Gives a configuration its type; returns the value as it is. */
export const defineConfig = (config: Config): Config => config
