import { openFile } from '../target/open.ts'
import { monotonicClock } from './clock.ts'
import { measuredPragmas } from './measured-pragmas.ts'
import type { RoundWorld } from './round.ts'

/** The world of a process that measures: files, the monotonic clock, and V8's collector where Node exposes it. */
export const processWorld: RoundWorld = {
  clock: monotonicClock,
  open: (variant, purpose) =>
    openFile(
      purpose === 'read' ? variant.readPath : (variant.writePath ?? variant.readPath),
      variant.driver,
      {
        readOnly: purpose === 'read',
        pragmas: measuredPragmas[purpose],
      },
    ),
  collectGarbage: (extent) =>
    globalThis.gc?.({ type: extent === 'all' ? 'major' : 'minor', execution: 'sync' }),
  rssBytes: () => process.memoryUsage.rss(),
}
