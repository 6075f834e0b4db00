import { UsageError } from '../../../core/errors.ts'
import { findMigrations } from '../../../schema/find-migrations.ts'
import { scenarioMigrations } from '../../../stage/scenario-migrations.ts'
import { expandVariants } from '../../../scenario/expand.ts'
import { defaultDriver } from '../../../target/drivers.ts'
import type { SideKind } from './gate-side.ts'

const prefix = 'migrations:'

/** `migrations:<a>,<b>`: a list of migrations on the scenario's data, without a variant of that name. */
export const migrationsKind: SideKind = {
  form: 'migrations:<a>,<b>',
  matches: (spec) => spec.startsWith(prefix),
  read: async ({ flag, spec, working }) => {
    const loaded = await working()
    const names = spec
      .slice(prefix.length)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    refuseRepeated(names, `${flag} ${spec}`)
    const available = await scenarioMigrations(loaded)
    try {
      findMigrations(available, names)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError('GATE_SIDE', `${flag} ${spec}: ${error.message}`, { cause: error })
    }
    // Everything but the migrations is as in the scenario's own baseline.
    const [baseline] = expandVariants(loaded.scenario)
    const variant = {
      id: spec,
      title: names.join(', ') || 'no migrations',
      role: 'candidate' as const,
      statistics: baseline?.statistics ?? 'analyzed',
      driver: baseline?.driver ?? defaultDriver,
      analyzedTwin: null,
      versus: null,
      ids: baseline?.ids ?? 'v4',
      migrations: names,
    }
    return { spec, loaded, commit: null, place: { kind: 'variant', variant } }
  },
}

function refuseRepeated(names: readonly string[], asked: string): void {
  if (names.includes('initial')) {
    throw new UsageError('GATE_SIDE', `${asked}: initial is applied in any case; leave it out`)
  }
  const repeated = names.find((name, index) => names.indexOf(name) < index)
  if (repeated !== undefined) throw new UsageError('GATE_SIDE', `${asked}: ${repeated} is named twice`)
}
