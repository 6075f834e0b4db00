import type { DatasetApi, ServedApi } from '../../scenario/dataset.ts'
import type { ComparedVariant } from './plan-comparison.ts'

/** A variant with the throw-away copy of its database, which a server of its own writes to. */
export interface ServedVariant extends ComparedVariant {
  readonly path: string
  /** Digest of the dataset's rows. */
  readonly dataDigest: string
}

/** A variant while its server runs. */
export interface RunningVariant extends ServedVariant {
  readonly url: string
  readonly facts: ServedApi['facts']
}

/** Serves the database of each variant by a fresh process of the API while `work` runs. */
export async function withServers<T>(
  api: DatasetApi,
  variants: readonly ServedVariant[],
  work: (running: readonly RunningVariant[]) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled(
    variants.map(async (variant) => ({ variant, server: await api.serve(variant.path) })),
  )
  const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  try {
    const failed = started.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return await work(running.map(({ variant, server: { url, facts } }) => ({ ...variant, url, facts })))
  } finally {
    await Promise.all(running.map(({ server }) => server.close()))
  }
}
