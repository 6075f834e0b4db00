import type { ScenarioRun } from '../../run/run.ts'
import { assembleScenarioRun } from '../experiment/assemble.ts'
import type { Findings } from '../experiment/findings.ts'
import type { Measurement } from '../experiment/measurement.ts'
import type { StagedSides } from './stage-sides.ts'

/**
 * The scenario of a gate's Run: its variants are those sides whose databases can be looked into, which a server's cannot;
 * its timings are of both. `measurement` is of the files alone.
 */
export function assembleGateScenario(
  measurement: Measurement,
  sides: StagedSides,
  findings: Findings,
): ScenarioRun {
  const scenario = assembleScenarioRun(measurement, [], findings)
  const drivers = new Map(sides.map(({ variant }) => [variant.id, variant.driver ?? 'libsql']))
  const isSeeded = sides.every(({ database }) => database.kind === 'seeded')
  const digests = sides.flatMap(({ variant, database }) =>
    database.kind === 'server' ? [] : [[variant.id, database.stage.dataDigest] as const],
  )
  return {
    ...scenario,
    // Seeded rows go by the kind of their ids; rows of others by the side that they belong to.
    dataDigests: isSeeded ? scenario.dataDigests : Object.fromEntries(digests),
    timings: findings.timings.timings((variant) => drivers.get(variant) ?? 'libsql'),
  }
}
