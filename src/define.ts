import type { Config } from './config/config.ts'
import type { LoadProfile } from './scenario/load-profile/load-profile.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { Sweep } from './scenario/sweep/sweep.ts'

/** These load nothing: a file of a user is loaded often, and only its value counts. */

/** Gives a scenario file its type; returns the value as it is. */
export const defineScenario = (scenario: Scenario): Scenario => scenario

/** Gives a sweep its type; returns the value as it is. */
export const defineSweep = <Setting>(sweep: Sweep<Setting>): Sweep<Setting> => sweep

/** Gives a profile its type; returns the value as it is. A file that k6 reads says `satisfies LoadProfile` instead. */
export const defineLoadProfile = (profile: LoadProfile): LoadProfile => profile

/** Gives a configuration its type; returns the value as it is. */
export const defineConfig = (config: Config): Config => config
