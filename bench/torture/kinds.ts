import { killGate, killRun } from './kinds/kill-measurement.ts'
import { killLoad } from './kinds/kill-load.ts'
import { killMigrate } from './kinds/kill-migrate.ts'
import { killSeed } from './kinds/kill-seed.ts'
import { killServeAlone, killServeWorkers } from './kinds/kill-serve.ts'
import { clockJump } from './kinds/clock-jump.ts'
import { damagedCache } from './kinds/damaged-cache.ts'
import { fullDisk } from './kinds/full-disk.ts'
import { restartSqld } from './kinds/restart-sqld.ts'
import { threeAtOnce } from './kinds/three-at-once.ts'
import type { TrialKind } from './trial.ts'

/** Every mishap that is tried. */
export const kinds: readonly TrialKind[] = [
  killSeed,
  killMigrate,
  killRun,
  killGate,
  killLoad,
  killServeAlone,
  killServeWorkers,
  restartSqld,
  fullDisk,
  clockJump,
  damagedCache,
  threeAtOnce,
]
