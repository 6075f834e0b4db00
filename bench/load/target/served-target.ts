import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { referenceDataset } from '../../../src/reference/dataset.ts'
import { stageDatabase } from '../../../src/stage/stage-databases.ts'
import { startSqld } from '../../../src/target/sqld-process.ts'
import type { TargetSetting } from './target-table.ts'

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url))

/** A running API on fresh data, and the processes behind it. */
export interface ServedTarget {
  readonly url: string
  readonly apiPid: number
  readonly sqldPid: number | null
  readonly stop: () => Promise<void>
}

export async function startTarget(
  { variant, driver, apiWorkers }: TargetSetting,
  scale: number,
): Promise<ServedTarget> {
  const migrations = variant === 'composite' ? ['composite-indexes'] : []
  if (driver === 'file') {
    const more = migrations.length === 0 ? [] : ['--migrations', migrations.join(',')]
    return serve([...more, '--analyze', '--scale', String(scale), '--seed', '1'], apiWorkers)
  }
  const data = { scale, seed: 1, ids: 'v4' } as const
  const plan = { dataset: referenceDataset, data, migrations, statistics: 'analyzed' } as const
  const { signal } = new AbortController()
  const { path } = await stageDatabase(plan, {
    signal,
    onSeeding: () => undefined,
    onStaged: () => undefined,
  })
  const sqld = await startSqld({ databasePath: path })
  const api = await serve(['--db', sqld.url], apiWorkers)
  const stop = async (): Promise<void> => {
    await api.stop()
    await sqld.stop()
  }
  return { ...api, sqldPid: sqld.pid, stop }
}

async function serve(args: readonly string[], workers: number): Promise<ServedTarget> {
  const command = [cli, 'serve', '--port', '0', '--json', '--workers', String(workers), ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const stopWithParent = (): void => void child.kill('SIGKILL')
  process.once('exit', stopWithParent)
  const exited = once(child, 'exit')
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([status]) => Promise.reject(new Error(`serve ended with ${status}`))),
  ])
  const { url } = JSON.parse(String(line)) as { readonly url: string }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
    process.removeListener('exit', stopWithParent)
  }
  return { url, apiPid: child.pid ?? 0, sqldPid: null, stop }
}
