import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../fixtures/cli/forgebench.ts'
import { answerOk, RawServer } from '../../fixtures/load/raw-server.ts'
import { judgeLoad } from '../judge/load.ts'
import { findK6 } from '../load/k6/find-k6.ts'
import type { LoadRun } from '../run/load-run.ts'
import { parseRun } from '../run/read.ts'

const hasK6 = await findK6().then(
  () => true,
  () => false,
)
const profile = fileURLToPath(new URL('../../fixtures/load/steady-get.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'forgebench-starved-'))
const server = await RawServer.start((request) => void setTimeout(() => answerOk(request), 20))

beforeAll(() => buildOnce())
afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

/**
 * The fastest answer, of 20 ms: known exactly, and certain to be below 40 ms, unless the sender may have waited for a
 * processor as long again.
 */
const threshold = 'http_req_duration=min<40'

async function load(): Promise<{ readonly status: number | null; readonly run: LoadRun }> {
  const target = ['--url', server.url, '--profile', profile, '--out', folder, '--json', '--no-floor']
  const how = ['--engine', 'k6', '--rate', '100', '--duration', '4', '--threshold', threshold]
  const { status, stdout } = await forgebench(['load', ...target, ...how], { cwd: folder })
  return { status, run: parseRun(stdout, 'stdout') as LoadRun }
}

/** Runs something beside processes that keep every processor busy, several each. */
async function starved<T>(work: () => Promise<T>): Promise<T> {
  const busy = Array.from({ length: availableParallelism() * 6 }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  try {
    return await work()
  } finally {
    for (const child of busy) child.kill('SIGKILL')
  }
}

const machineIsTo = /this machine|k6 took/
const blamesMachine = (run: LoadRun): boolean => judgeLoad(run).invalid.some((why) => machineIsTo.test(why))

test.skipIf(!hasK6)(
  'k6 on a machine that is starved of processors is INVALID, for the sake of the machine (needs k6)',
  async () => {
    const { status, run } = await starved(load)
    expect({ status, blamesMachine: blamesMachine(run) }).toEqual({ status: 4, blamesMachine: true })
  },
  // Everything is slow beside that.
  180_000,
)

test.skipIf(!hasK6)(
  'the same load without the others is not (needs k6, and an idle machine)',
  async (context) => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { run } = await load()
      if (!blamesMachine(run)) return
      // Others keep the machine busy: then INVALID is right, too.
      if ((run.host?.busyShare ?? 1) > 0.8) return context.skip('something else keeps this machine busy')
    }
    expect.unreachable('a machine with idle processors is blamed twice')
  },
)
