import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../../fixtures/cli/forgebench.ts'
import { answerOk, RawServer } from '../../../fixtures/load/raw-server.ts'
import { judgeLoad } from '../../judge/load/judge-load.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import { parseRun } from '../../run/read.ts'

const profile = fileURLToPath(new URL('../../../fixtures/load/steady-get.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'forgebench-starved-'))
const server = await RawServer.start((request) => void setTimeout(() => answerOk(request), 20))

beforeAll(() => buildOnce())
afterAll(async () => {
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

const machineIsTo = /this machine|k6 took/
const blamesMachine = (run: LoadRun): boolean => judgeLoad(run).invalid.some((why) => machineIsTo.test(why))

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .flatMap((child) => [Number(child), ...childrenOf(Number(child))]),
  )

/** Takes the processors from all that a process has started for 230 of every 300 ms, as a host that pauses this machine does. */
function starve(pid: number): { readonly stop: () => void } {
  const pause = setInterval(() => {
    const paused = below(pid)
    signalAll(paused, 'SIGSTOP')
    setTimeout(() => signalAll(paused, 'SIGCONT'), 230)
  }, 300)
  return { stop: () => clearInterval(pause) }
}

/** None where the process, or one below it, is gone meanwhile. */
function below(pid: number): readonly number[] {
  try {
    return childrenOf(pid)
  } catch {
    return []
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It is gone.
    }
  }
}

test.skipIf(!hasK6)(
  'k6 on a machine that is starved of processors is INVALID, not FAIL: every answer took 20 ms (needs k6)',
  async () => {
    const target = ['--url', server.url, '--profile', profile, '--out', folder, '--json', '--no-floor']
    const how = ['--engine', 'k6', '--rate', '100', '--duration', '14']
    let starving: ReturnType<typeof starve> | undefined
    const { status, stdout } = await forgebench(
      ['load', ...target, ...how, '--threshold', 'http_req_duration=p(95)<40'],
      { cwd: folder, onStderr: (_, { pid }) => void (starving ??= starve(pid ?? 0)) },
    )
    starving?.stop()
    const run = parseRun(stdout, 'stdout') as LoadRun
    expect({ status, blamesMachine: blamesMachine(run) }).toEqual({ status: 4, blamesMachine: true })
  },
)
