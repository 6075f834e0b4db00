import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copySeeded } from '../../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import {
  countLeftovers,
  insertEvaluation,
  makeOnlineProject,
  numberedUuid,
  onlineSteps,
  selectRecorded,
  type OnlineProject,
} from '../../../fixtures/cli/online-project.ts'
import { startFaultyProxy, type FaultyProxy } from '../../../fixtures/servers/faulty-proxy.ts'
import { liveServer } from '../../schema/online/live-database.ts'
import { migrateOnline, type OnlineResult, type OnlineStep } from '../../schema/online/migrate-online.ts'
import { RemoteConnection } from '../../target/remote/remote.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'

const sqld = await findSqld()

describe.skipIf(sqld === undefined)('migrate online on a libSQL server (needs sqld)', () => {
  let project: OnlineProject
  let folder = ''
  let server: RunningSqld
  let proxy: FaultyProxy
  const connect = (url: string): RemoteConnection =>
    new RemoteConnection({ kind: 'remote', url }, { concurrency: 1 })
  const asked = async (sql: string): Promise<readonly unknown[]> => {
    const remote = connect(server.url)
    const { rows } = await remote.query(sql)
    remote.close()
    return rows.flat()
  }
  beforeAll(async () => {
    await buildOnce()
    project = await makeOnlineProject()
    const path = join(project.cwd, 'served.db')
    folder = join(project.cwd, 'server')
    await copySeeded(path)
    server = await startSqld({ databasePath: path, folder })
    proxy = await startFaultyProxy(server.url)
  })
  afterAll(async () => {
    await proxy.close()
    await server.stop()
    rmSync(project.cwd, { recursive: true, force: true })
  })

  const migrateServer = async (
    name: string,
    atStep: (step: OnlineStep) => void | Promise<void>,
    url = server.url,
  ): Promise<OnlineResult> => {
    const remote = connect(url)
    const options = {
      folder: mkdtempSync(join(project.cwd, 'branch-')),
      mostLockMs: 60_000,
      dryRun: false,
      onStep: atStep,
    }
    try {
      return await migrateOnline(liveServer(remote, url), name, project.migrations, options)
    } finally {
      remote.close()
    }
  }
  const down = (): Promise<Ended> => forgebenchHere(['migrate', 'down', '--db', server.url], project)
  let written = 0
  const write = async (): Promise<void> => {
    const remote = connect(server.url)
    await remote.batch(
      [1, 2, 3].map(() => ({ sql: insertEvaluation(numberedUuid((written += 1))), args: [] })),
    )
    remote.close()
  }

  it('keeps what others write at every step', async () => {
    expect(await migrateServer('binary-uuids', write)).toMatchObject({
      outcome: 'switched',
      rowsCompared: expect.any(Number),
      caughtUp: { rows: 9 },
    })
    expect(await asked('SELECT count(*), sum(length(id) = 16) FROM evaluations')).toEqual([315, 315])
    expect(await asked(countLeftovers)).toEqual([0])
    expect((await down()).status).toBe(0)
  })

  it('rolls back what loses rows', async () => {
    expect(await migrateServer('lossy', write)).toMatchObject({ outcome: 'rolled back' })
    expect(await asked('SELECT count(*) FROM test_results')).toEqual([3000])
    expect(await asked(countLeftovers)).toEqual([0])
    expect(await asked(selectRecorded)).toEqual(['initial'])
  })

  it.each(onlineSteps)(
    'a server killed at «%s» comes back with everything, migrated or not at all',
    async (at) => {
      const rows = 300 + written
      let restarted: Promise<RunningSqld> | undefined
      const result = await migrateServer('binary-uuids', (step) => {
        if (step !== at) return
        process.kill(server.pid, 'SIGKILL')
        const again = { folder, port: Number(new URL(server.url).port) }
        restarted = server.end().then(() => startSqld(again))
      }).catch((error: unknown) => error)
      server = await restarted!
      const [count, binary] = await asked('SELECT count(*), sum(length(id) = 16) FROM evaluations')
      expect(count).toBe(rows)
      expect([0, rows]).toContain(binary)
      expect(await asked('PRAGMA integrity_check')).toEqual(['ok'])
      if (binary === 0) expect(result).toMatchObject({ exit: 5, message: expect.stringMatching(/^[^\n]+$/) })
      else expect(result).toMatchObject({ outcome: 'switched' })
      if (binary === 0) await migrateServer('binary-uuids', () => undefined)
      expect(await asked(countLeftovers)).toEqual([0])
      expect((await down()).status).toBe(0)
    },
  )

  it.each(['cut before', 'cut after'] as const)(
    'a switch whose request is lost (%s) happens once',
    async (fault) => {
      let faults = 0
      proxy.inject((body) => (body.includes('foreign_key_check') && (faults += 1) === 1 ? fault : undefined))
      const result = await migrateServer('binary-uuids', () => undefined, proxy.url)
      proxy.inject(undefined)
      expect(result).toMatchObject({ outcome: 'switched' })
      expect(await asked(selectRecorded)).toEqual(['initial', 'binary-uuids'])
      expect(await asked('SELECT count(*) FROM evaluations')).toEqual([300 + written])
      expect((await down()).status).toBe(0)
    },
  )
})
