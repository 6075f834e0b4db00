/** One kind of work on a database, at a steady rate, until it is told to stop; then sends what became of every operation. */
import { setTimeout as sleep } from 'node:timers/promises'
import { NativeConnection } from '../../src/target/native.ts'
import { RemoteConnection } from '../../src/target/remote/remote.ts'
import type { LoadReport, LoadTask } from './online-load.ts'

const busyTimeoutMs = 60_000
const stopping = new AbortController()

async function work({ db, kind, ratePerSec }: LoadTask): Promise<LoadReport> {
  const target = db.startsWith('http')
    ? new RemoteConnection({ kind: 'remote', url: db }, { concurrency: 1 })
    : new NativeConnection(db, { busyTimeoutMs })
  const report: LoadReport = { kind, atMs: [], latencyMs: [], failures: [], acknowledged: [] }
  const stop = stopping.signal
  const startMs = nowMs()
  for (let index = 0; !stop.aborted; index += 1) {
    const dueMs = startMs + (index * 1000) / ratePerSec
    // A wait of nothing lets the message to stop in; a timer may be early.
    do await sleep(Math.max(0, dueMs - nowMs()))
    while (nowMs() < dueMs)
    try {
      await (kind === 'reads' ? read(target, index) : write(target, index))
      report.acknowledged.push(index)
    } catch (error) {
      report.failures.push((error as Error).message)
    }
    if (index === 0) process.send!('working')
    report.atMs.push(dueMs)
    report.latencyMs.push(nowMs() - dueMs)
  }
  target.close()
  return report
}

const nowMs = (): number => performance.timeOrigin + performance.now()

type Target = NativeConnection | RemoteConnection

async function read(target: Target, index: number): Promise<void> {
  const { rows } = await target.query('SELECT title, status FROM prompts WHERE rowid = ?', [
    (index % 500) + 1,
  ])
  if (rows.length !== 1) throw new Error(`${rows.length} rows of prompt ${(index % 500) + 1}`)
}

/** Every write has a row of its own, so that none hides that another was lost. */
const update = 'UPDATE prompts SET title = ? WHERE rowid = ?'

async function write(target: Target, index: number): Promise<void> {
  const args = [`load-${index}`, index + 1]
  const changed =
    target instanceof RemoteConnection
      ? (await target.batch([{ sql: update, args }]))[0]!.rowsChanged
      : target.executeSync(update, args).rowsChanged
  if (changed !== 1) throw new Error(`${changed} rows changed of prompt ${index + 1}`)
}

process.on('message', (message: LoadTask | 'stop') => {
  if (message === 'stop') stopping.abort()
  else void work(message).then((report) => process.send!(report, () => process.disconnect()))
})
