import { forkApi, type ForkedApi } from '../../reference/api/fork-api.ts'
import type { ComparedVariant } from './plan-comparison.ts'

/** A variant with the throw-away copy of its database, which a server of its own writes to. */
export interface ServedVariant extends ComparedVariant {
  readonly path: string
  /** Digest of the seeded rows. */
  readonly dataDigest: string
}

/** A variant while its server runs. */
export interface RunningVariant extends ServedVariant {
  readonly url: string
  readonly facts: ForkedApi['facts']
}

/** Serves the database of each variant by a fresh process of the reference API while `work` runs. */
export async function withServers<T>(
  variants: readonly ServedVariant[],
  work: (running: readonly RunningVariant[]) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled(
    variants.map(async (variant) => {
      const location = { kind: 'file', path: variant.path } as const
      return { variant, server: await forkApi({ location, port: 0, host: '127.0.0.1' }) }
    }),
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
