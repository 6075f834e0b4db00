import { dirname, join } from 'node:path'
import { ForgebenchError, UsageError } from '../../../core/errors.ts'
import { findMigrations } from '../../../schema/find-migrations.ts'
import { scenarioMigrations } from '../../../stage/scenario-migrations.ts'
import { loadScenarioFile } from '../../../scenario/load.ts'
import type { GateSide, SideKind, SideOrder } from './gate-side.ts'
import { committedFile } from './git-repository.ts'
import { writeTree } from './git-tree.ts'
import { variantNamed } from './side-variant.ts'

const pattern = /^git:([^:]+)(?::(.+))?$/

/** `git:<rev>[:<variant>]`: scenario and migrations as a revision of the project has them. */
export const gitKind: SideKind = {
  form: 'git:<revision>[:<variant>]',
  matches: (spec) => spec.startsWith('git:'),
  variantOf: (spec) => pattern.exec(spec)?.[2],
  read: async (order) => {
    const [, revision, named] = pattern.exec(order.spec) ?? []
    const asked = `${order.flag} ${order.spec}`
    if (revision === undefined) {
      throw new UsageError('GATE_SIDE', `${asked}: names no revision; write git:<revision>[:<variant>]`)
    }
    const variant = named ?? order.otherVariant
    if (variant === undefined) {
      throw new UsageError(
        'GATE_SIDE',
        `${asked}: names no variant, and neither does the other side; write git:${revision}:<variant>`,
      )
    }
    return await revisionSide(order, revision, variant)
  },
}

async function revisionSide(order: SideOrder, revision: string, variant: string): Promise<GateSide> {
  const asked = `${order.flag} ${order.spec}`
  const folder = join(await order.scratch(), order.flag.replace('--', ''))
  try {
    const file = await committedFile(order.scenario.path, revision)
    await writeTree(file, folder)
    const place = {
      ...order.scenario,
      path: join(folder, file.path),
      shown: `${revision}:${file.path}`,
    }
    const databases = dirname(order.scenario.path)
    const loaded = await loadScenarioFile(place, order.datasets, { top: folder, databases })
    const found = variantNamed(loaded, variant, `revision ${revision}`)
    findMigrations(await scenarioMigrations(loaded), found.migrations)
    return { spec: order.spec, loaded, commit: file.commit, place: { kind: 'variant', variant: found } }
  } catch (error) {
    if (!(error instanceof ForgebenchError) || error.exit !== 2) throw error
    const side = order.flag.replace('--', '')
    // Paths of the copy mean nothing to anybody.
    const why = error.message.replaceAll(`${folder}/`, `${revision}:`).replaceAll(/\s*\n\s*/g, '; ')
    throw new UsageError('GATE_SIDE', `${asked}: this ${side} cannot be built: ${why}`, { cause: error })
  }
}
