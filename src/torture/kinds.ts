import { killGate, killRun } from './kinds/kill-measurement.ts'
import { killLoad } from './kinds/kill-load.ts'
import { killMigrate } from './kinds/kill-migrate.ts'
import { killSeed } from './kinds/kill-seed.ts'
import { killServeAlone, killServeWorkers } from './kinds/kill-serve.ts'
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
]
