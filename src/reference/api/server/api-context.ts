import type { RequestMetrics } from './metrics.ts'

/** What the process around the API gives it. */
export interface ApiContext {
  readonly metrics: RequestMetrics
  /** The text behind `/metrics`; where several processes serve, it is about all of them. */
  readonly metricsText: () => Promise<string>
  /** More for `/health`. */
  readonly facts: Readonly<Record<string, string>>
}
