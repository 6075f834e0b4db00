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

/** Records one answer: its status and how long the request was in work, in milliseconds. */
export type RecordAnswer = (status: number, elapsedMs: number) => void

/**
 * Counts requests and their durations in plain arrays, which costs next to nothing, and shapes them for Prometheus when
 * somebody asks: a prom-client metric hashes its labels at every observation.
 */
export class RequestMetrics {
  readonly registry = new Registry()
  readonly #routes = new Map<string, RouteCounts>()

  constructor() {
    collectDefaultMetrics({ register: this.registry })
    this.registry.registerMetric(
      collector('forgebench_api_requests_total', 'Requests answered.', 'counter', () =>
        [...this.#routes.values()].flatMap(({ method, route, byStatus }) =>
          [...byStatus].map(([status, value]) => ({ value, labels: { method, route, status } })),
        ),
      ),
    )
    const name = 'forgebench_api_request_duration_seconds'
    this.registry.registerMetric(
      collector(name, 'Time in the handler, from its start to the answer.', 'histogram', () =>
        [...this.#routes.values()].flatMap((counts) => histogramValues(name, counts)),
      ),
    )
  }

  /** The recorder of a route; the same one for the same route. */
  route(method: string, route: string): RecordAnswer {
    const counts = this.#counts(method, route)
    return (status, elapsedMs) => {
      counts.byStatus.set(status, (counts.byStatus.get(status) ?? 0) + 1)
      const seconds = elapsedMs / 1000
      let bucket = 0
      while (bucket < bucketsSeconds.length && seconds > bucketsSeconds[bucket]!) bucket += 1
      counts.buckets[bucket]! += 1
      counts.sumSeconds += seconds
    }
  }

  /** Counts an answer that no handler gave, such as a refused input; it has no duration worth the name. */
  count(method: string, route: string, status: number): void {
    const { byStatus } = this.#counts(method, route)
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
  }

  #counts(method: string, route: string): RouteCounts {
    const key = `${method} ${route}`
    let counts = this.#routes.get(key)
    if (counts === undefined) {
      const buckets = new Float64Array(bucketsSeconds.length + 1)
      counts = { method, route, byStatus: new Map(), buckets, sumSeconds: 0 }
      this.#routes.set(key, counts)
    }
    return counts
  }
}

/** A metric as a registry takes it: it is asked for its values when they are wanted. */
function collector(
  name: string,
  help: string,
  type: 'counter' | 'histogram',
  values: () => readonly object[],
): Metric {
  const get = () => ({ name, help, type, aggregator: 'sum', values: values() })
  return { name, get, reset: () => undefined } as unknown as Metric
}

function histogramValues(
  name: string,
  { method, route, buckets, sumSeconds }: RouteCounts,
): readonly object[] {
  const labels = { method, route }
  let total = 0
  const counted = [...buckets].map((count, index) => {
    total += count
    return {
      metricName: `${name}_bucket`,
      value: total,
      labels: { ...labels, le: bucketsSeconds[index] ?? '+Inf' },
    }
  })
  if (total === 0) return []
  return [
    ...counted,
    { metricName: `${name}_sum`, value: sumSeconds, labels },
    { metricName: `${name}_count`, value: total, labels },
  ]
}
