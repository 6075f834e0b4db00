import { serverVersion } from '../../target/remote/server-version.ts'
import { createHash } from 'node:crypto'
import type { GateSideRun } from '../../run/gate/gate-run.ts'
import { readSchemaObjects } from '../../schema/schema-objects.ts'
import { statisticsState, type StatisticsState } from '../../schema/statistics.ts'
import type { Connection } from '../../target/connection.ts'
import { NativeConnection } from '../../target/native.ts'
import { engineVersions } from '../../target/versions.ts'
import type { VariantAnswers } from '../experiment/evidence/compare-answers.ts'
import { openServer } from './sides/side-server.ts'
import type { PairedOperation } from './pair-operations.ts'
import type { StagedSide } from './stage-sides.ts'

/** What a side is, before anything was asked of it. */
export interface SideIdentity {
  readonly schemaDigest: string
  readonly engine: string
  readonly statistics: StatisticsState
}

/** Looks up what tells one state of a database from another. @throws TargetError when it cannot be asked */
export async function identifySide({ database }: StagedSide): Promise<SideIdentity> {
  if (database.kind === 'server') {
    const reader = await openServer(database)
    try {
      const { rows } = await reader.query('SELECT sqlite_version()')
      const words = (await serverVersion(database.url)) ?? 'a libSQL server'
      return {
        schemaDigest: await schemaDigest(reader),
        engine: `${words} (SQLite ${String(rows[0]?.[0])})`,
        statistics: await statisticsState(reader),
      }
    } finally {
      reader.close()
    }
  }
  const connection = new NativeConnection(database.stage.path, { readOnly: true })
  try {
    const { libsql, sqlite } = engineVersions()
    return {
      schemaDigest: await schemaDigest(connection),
      engine: `libsql ${libsql} (SQLite ${sqlite})`,
      statistics: await statisticsState(connection),
    }
  } finally {
    connection.close()
  }
}

async function schemaDigest(connection: Connection): Promise<string> {
  const objects = await readSchemaObjects(connection)
  return createHash('sha256').update(JSON.stringify(objects)).digest('hex')
}

/** What a Run keeps of a side. */
export function describeSide(
  { side, variant, database }: StagedSide,
  { schemaDigest, engine, statistics }: SideIdentity,
  operations: readonly PairedOperation[],
  answers: readonly VariantAnswers[],
): GateSideRun {
  const isBaseline = variant.versus === null
  const found = answers.find((entry) => entry.variant === variant.id)?.operations ?? []
  const isServer = database.kind === 'server'
  return {
    spec: side.spec,
    variant: side.place.kind === 'variant' ? side.place.variant.id : null,
    source: database.kind,
    scenarioDigest: side.loaded.fileDigest,
    commit: side.commit,
    migrations: isServer ? [] : [...database.migrations],
    dataDigest: isServer ? null : database.stage.dataDigest,
    schemaDigest,
    statistics,
    url: isServer ? database.url : null,
    engine,
    statements: Object.fromEntries(
      operations.map((pair) => {
        const { id, sql } = isBaseline ? pair.baseline : pair.candidate
        return [id, sql]
      }),
    ),
    answers: Object.fromEntries(found.map(({ operation, answerDigest }) => [operation, answerDigest])),
  }
}
