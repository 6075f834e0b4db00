import { openFile } from '../target/open.ts'
import { monotonicClock } from './clock.ts'
import type { RoundWorld } from './round.ts'

/** The world of a process that measures: files, the monotonic clock, and V8's collector where Node exposes it. */
export const processWorld: RoundWorld = {
  clock: monotonicClock,
  open: async (variant, purpose) => {
    if ('server' in variant) {
      const { url, authTokenEnv } = variant.server
      // Loaded when it is asked for: it brings a network stack that files never use.
      const { RemoteReader } = await import('../target/remote/remote-reader.ts')
      const token = authTokenEnv === null ? undefined : process.env[authTokenEnv]
      return new RemoteReader({ kind: 'remote', url }, token)
    }
    const path = purpose === 'read' ? variant.readPath : (variant.writePath ?? variant.readPath)
    return openFile(path, variant.driver, {
      readOnly: purpose === 'read',
      pragmas: measuredPragmas[purpose],
    })
  },
  collectGarbage: (extent) =>
    globalThis.gc?.({ type: extent === 'all' ? 'major' : 'minor', execution: 'sync' }),
  rssBytes: () => process.memoryUsage.rss(),
}

/**
 * Pragmas of measured connections; everything else is the driver's default, as in an application that sets nothing.
 * Writes: WAL with synchronous=NORMAL is what a libSQL server runs with. Checkpoints wait for the start of the next
 * round, so that a slice never pays for the pages of another, and skip the disk, since the clone is thrown away.
 */
const measuredPragmas = {
  read: ['PRAGMA synchronous = NORMAL'],
  write: ['PRAGMA synchronous = NORMAL', 'PRAGMA wal_autocheckpoint = 0', 'PRAGMA wal_checkpoint(TRUNCATE)'],
} as const
