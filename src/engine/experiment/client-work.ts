import { Bench } from 'tinybench'
import { errorText } from '../../core/error-text.ts'
import { UsageError } from '../../core/errors.ts'
import { randomSequence, uuidV4 } from '../../random/random.ts'
import type { ClientWork } from '../../scenario/scenario.ts'

/** Cost of one call in JavaScript. */
export interface ClientWorkResult {
  readonly id: string
  readonly title: string
  readonly samples: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly opsPerSec: number
}

const uuidsPerSample = 1000
const milliseconds = 1e6

/**
 * Times work that a choice moves into the application with tinybench: one sample is a thousand different UUIDs, so
 * that the clock's grain does not matter; figures are per call.
 * @throws UsageError where the work throws or returns nothing
 */
export async function measureClientWork(
  work: readonly ClientWork[],
  options: { readonly timeMs: number; readonly seed: number },
): Promise<readonly ClientWorkResult[]> {
  const random = randomSequence(options.seed)
  const word = (): number => Math.floor(random() * 2 ** 32)
  const uuids = Array.from({ length: uuidsPerSample }, () => {
    const text = uuidV4([word(), word(), word(), word()])
    return { text, bytes: new Uint8Array(Buffer.from(text.replaceAll('-', ''), 'hex')) }
  })
  const bench = new Bench({ time: options.timeMs, warmupTime: options.timeMs / 4 })
  let sink: unknown
  for (const item of work) {
    bench.add(item.id, () => {
      for (const uuid of uuids) sink = item.run(uuid)
    })
  }
  await bench.run()
  if (work.length > 0 && sink === undefined)
    throw new UsageError('CLIENT_WORK', 'clientWork: run returned nothing; return what it made')
  return work.map(({ id, title }) => {
    const result = bench.getTask(id)?.result
    if (result?.state === 'errored')
      throw new UsageError('CLIENT_WORK', `clientWork ${id}: run threw ${errorText(result.error)}`)
    if (result?.state !== 'completed') throw new RangeError(`client work ${id} did not complete`)
    const { p50, p99, samplesCount } = result.latency
    return {
      id,
      title,
      samples: samplesCount * uuidsPerSample,
      p50Ns: (p50 * milliseconds) / uuidsPerSample,
      p99Ns: (p99 * milliseconds) / uuidsPerSample,
      opsPerSec: 1000 / (p50 / uuidsPerSample),
    }
  })
}
