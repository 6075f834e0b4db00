import { collectDefaultMetrics, Registry, type Metric } from 'prom-client'

/** Upper bounds of the latency buckets, in seconds; 0.2 is the review's budget. */
const bucketsSeconds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5]

interface RouteCounts {
  readonly method: string
  readonly route: string
  readonly byStatus: Map<number, number>
  readonly buckets: Float64Array
  sumSeconds: number
}

/**
 * Counts requests and their durations in plain arrays, which cost next to nothing a request, and shapes them for
 * Prometheus when somebody asks: a prom-client metric hashes its labels at every observation.
 */
export class RequestMetrics {
  readonly registry = new Registry()
  readonly #routes: RouteCounts[] = []

  constructor() {
    collectDefaultMetrics({ register: this.registry })
    this.registry.registerMetric(this.#counter() as unknown as Metric)
    this.registry.registerMetric(this.#histogram() as unknown as Metric)
  }

  /** Registers a route and returns its recorder: status and milliseconds of one answer. */
  route(method: string, route: string): (status: number, elapsedMs: number) => void {
    const counts: RouteCounts = {
      method,
      route,
      byStatus: new Map(),
      buckets: new Float64Array(bucketsSeconds.length + 1),
      sumSeconds: 0,
    }
    this.#routes.push(counts)
    return (status, elapsedMs) => {
      counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1)
      const seconds = elapsedMs / 1000
      let bucket = 0
      while (bucket < bucketsSeconds.length && seconds > bucketsSeconds[bucket]!) bucket += 1
      counts.buckets[bucket]! += 1
      counts.sumSeconds += seconds
    }
  }

  #counter(): object {
    const name = 'forgebench_api_requests_total'
    const help = 'Requests answered, by method, route and status.'
    const get = (): object => ({
      name,
      help,
      type: 'counter',
      aggregator: 'sum',
      values: this.#routes.flatMap(({ method, route, byStatus }) =>
        [...byStatus].map(([status, value]) => ({ value, labels: { method, route, status } })),
      ),
    })
    return { name, get, reset: () => undefined }
  }

  #histogram(): object {
    const name = 'forgebench_api_request_duration_seconds'
    const help = 'Time from the first byte of a request to the end of its answer, by method and route.'
    const get = (): object => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: this.#routes.flatMap(histogramValues(name)),
    })
    return { name, get, reset: () => undefined }
  }
}

const histogramValues =
  (name: string) =>
  ({ method, route, buckets, sumSeconds }: RouteCounts): readonly object[] => {
    const labels = { method, route }
    let total = 0
    const counted = [...buckets].map((count, index) => {
      total += count
      const le = bucketsSeconds[index] ?? '+Inf'
      return { metricName: `${name}_bucket`, value: total, labels: { ...labels, le } }
    })
    if (total === 0) return []
    return [
      ...counted,
      { metricName: `${name}_sum`, value: sumSeconds, labels },
      { metricName: `${name}_count`, value: total, labels },
    ]
  }
