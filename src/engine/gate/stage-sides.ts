import { join } from 'node:path'
import { gateSides } from '../../run/gate/gate-run.ts'
import type { ExpandedVariant } from '../../scenario/expand.ts'
import { databaseFile } from '../../scenario/resolve-dataset.ts'
import { findMigrations } from '../../schema/find-migrations.ts'
import { scenarioMigrations } from '../../stage/scenario-migrations.ts'
import { withScratchFolder, type Scratch } from '../../stage/scratch-folder.ts'
import type { Stage } from '../../stage/stage.ts'
import { stageFile } from '../../stage/stage-file.ts'
import { defaultDriver } from '../../target/drivers.ts'
import type { GateSide, SidePlace } from './sides/gate-side.ts'
import type { MeasureOptions } from '../experiment/measurement.ts'
import { stagePlanOf, stagePlans } from '../experiment/stage-scenario.ts'

/** A migration as it was applied. */
export interface AppliedOnce {
  readonly id: string
  readonly checksum: string
}

/** A side with the database that it is measured on. */
export interface StagedSide {
  readonly side: GateSide
  /** Its id is the side's part in the gate. */
  readonly variant: ExpandedVariant
  readonly database: SideDatabase
}

export type SideDatabase =
  | {
      readonly kind: 'seeded' | 'file'
      readonly stage: Stage
      /** Beyond `initial`. */
      readonly migrations: readonly AppliedOnce[]
    }
  | (SidePlace & { readonly kind: 'server' })

/** The two sides of a gate: baseline, candidate. */
export type StagedSides = readonly [StagedSide, StagedSide]

export type StageOptions = Pick<MeasureOptions, 'scale' | 'seed' | 'emit' | 'signal'>

/**
 * Makes the databases of both sides and gives them to `work`: seeded and migrated ones in the cache, copies of files,
 * which are gone afterwards. Servers are as they are.
 * @throws UsageError or TargetError when a database cannot be made
 */
export const withStagedSides = <T>(
  sides: readonly [GateSide, GateSide],
  options: StageOptions,
  work: (staged: StagedSides) => Promise<T>,
): Promise<T> =>
  withScratchFolder(async (scratch) => {
    const seeded = await stageSeeded(sides, options)
    return work([
      await stageOne(sides[0], gateSides.baseline, seeded, scratch, options),
      await stageOne(sides[1], gateSides.candidate, seeded, scratch, options),
    ])
  })

/** The stages of those sides that are variants, made together: equal ones are one. */
async function stageSeeded(
  sides: readonly GateSide[],
  options: StageOptions,
): Promise<ReadonlyMap<GateSide, Stage>> {
  const seeded = sides.flatMap((side) =>
    side.place.kind === 'variant'
      ? [{ side, plan: stagePlanOf(side.place.variant, options, side.loaded) }]
      : [],
  )
  const [first] = seeded
  if (first === undefined) return new Map()
  const plans = seeded.map(({ plan }) => plan)
  const stageOf = await stagePlans(first.side.loaded.id, plans, options)
  return new Map(seeded.map(({ side, plan }) => [side, stageOf(plan)]))
}

async function stageOne(
  side: GateSide,
  id: string,
  seeded: ReadonlyMap<GateSide, Stage>,
  scratch: Scratch,
  { scale, seed, signal }: StageOptions,
): Promise<StagedSide> {
  const versus = id === gateSides.baseline ? null : gateSides.baseline
  const { place, loaded } = side
  switch (place.kind) {
    case 'variant': {
      const { migrations } = place.variant
      const applied = findMigrations(await scenarioMigrations(loaded), migrations)
      return {
        side,
        variant: { ...place.variant, id, versus, analyzedTwin: null },
        database: {
          kind: 'seeded',
          stage: seeded.get(side) as Stage,
          migrations: applied.map((migration) => ({ id: migration.id, checksum: migration.checksum })),
        },
      }
    }
    case 'file': {
      const own = join(await scratch(), id)
      const { fileDigest, statistics, migrations, ...facts } = await stageFile(place.path, own, signal)
      const names = migrations.map((migration) => migration.id)
      const data = { scale, seed, ids: 'v4' as const }
      const plan = { dataset: databaseFile(place.path), data, migrations: names, statistics }
      return {
        side,
        variant: { ...foreignVariant(id, 'a database file', versus), migrations: names, statistics },
        database: { kind: 'file', stage: { plan, dataDigest: fileDigest, ...facts }, migrations },
      }
    }
    case 'server':
      return {
        side,
        variant: { ...foreignVariant(id, 'a server', versus), driver: '@libsql/client' },
        database: place,
      }
  }
}

/** What is not a variant of a scenario, in the form of one. */
const foreignVariant = (id: string, title: string, versus: string | null): ExpandedVariant => ({
  id,
  title,
  role: 'alternative',
  driver: defaultDriver,
  migrations: [],
  statistics: 'none',
  analyzedTwin: null,
  versus,
})
