import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededCopy, type SeededCopy } from '../../../fixtures/servers/seeded-copy.ts'
import { NativeConnection } from '../../target/native.ts'
import { startApiWorkers } from './server/api-workers.ts'
import { forkApi } from './server/fork-api.ts'
import { startApi } from './server/start-api.ts'

let copy: SeededCopy
beforeAll(async () => {
  copy = await seededCopy()
})
afterAll(() => copy.remove())

const options = () => ({ location: { kind: 'file', path: copy.path }, port: 0, host: '127.0.0.1' }) as const

interface Posted {
  readonly acknowledged: string[]
  readonly failed: unknown[]
}

/** Creates prompts over 16 connections until the server is gone, or `stop` says that it must be. */
async function postUntilGone(url: string, posted: Posted, stop?: AbortSignal): Promise<void> {
  const body = JSON.stringify({ title: 'under load', content: 'x'.repeat(500), user_id: 'user_load' })
  const lane = async (): Promise<void> => {
    for (;;) {
      try {
        const answer = await fetch(`${url}/api/v1/prompts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          ...(stop === undefined ? {} : { signal: stop }),
        })
        const { id } = (await answer.json()) as { id: string }
        if (answer.status === 201) posted.acknowledged.push(id)
        else posted.failed.push(answer.status)
      } catch (error) {
        return void posted.failed.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}

/** Ids of the created prompts, seen from a connection of its own. */
function stored(): ReadonlySet<unknown> {
  const fresh = new NativeConnection(copy.path)
  const { rows } = fresh.querySync("SELECT id FROM prompts WHERE user_id = 'user_load'")
  fresh.close()
  return new Set(rows.map(([id]) => id))
}

async function acknowledgedBefore(posted: Posted, count: number): Promise<void> {
  while (posted.acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('an API that is told to end under load', () => {
  it('by SIGTERM has stored every prompt that it acknowledged, and leaves with exit code 0', async () => {
    const api = await forkApi(options())
    const posted: Posted = { acknowledged: [], failed: [] }
    const load = postUntilGone(api.url, posted)
    await acknowledgedBefore(posted, 60)
    process.kill(api.pid, 'SIGTERM')
    await load
    expect(await api.exited).toBe(0)
    const rows = stored()
    expect(posted.acknowledged.length).toBeGreaterThanOrEqual(60)
    expect(posted.acknowledged.filter((id) => !rows.has(id))).toEqual([])
    // And it answered what it accepted: no row is there that nobody was told of.
    expect(rows.size).toBe(posted.acknowledged.length)
  })

  it('by SIGKILL has stored them too: an acknowledged write survives its process', async () => {
    const before = stored().size
    const api = await forkApi(options())
    const posted: Posted = { acknowledged: [], failed: [] }
    const load = postUntilGone(api.url, posted)
    await acknowledgedBefore(posted, 60)
    process.kill(api.pid, 'SIGKILL')
    await load
    expect(await api.exited).toBe('SIGKILL')
    const rows = stored()
    expect(posted.acknowledged.filter((id) => !rows.has(id))).toEqual([])
    expect(rows.size - before).toBeGreaterThanOrEqual(posted.acknowledged.length)
  })

  it('with several workers, all of them have stored what they acknowledged, and counted it', async () => {
    const before = stored().size
    const api = await startApiWorkers(options(), 2, () => undefined)
    expect(api.facts).toMatchObject({ workers: '2' })
    const posted: Posted = { acknowledged: [], failed: [] }
    // A connection that came when the last worker went may stay with this process, unheard.
    const gone = new AbortController()
    const load = postUntilGone(api.url, posted, gone.signal)
    await acknowledgedBefore(posted, 60)
    const metrics = await (await fetch(`${api.url}/metrics`)).text()
    const counted =
      /^forgebench_api_requests_total\{method="POST",route="\/api\/v1\/prompts",status="201"\} (\d+)$/m.exec(
        metrics,
      )
    expect(Number(counted?.[1])).toBeGreaterThanOrEqual(60)
    await api.close()
    gone.abort()
    await load
    expect(stored().size - before).toBe(posted.acknowledged.length)
  })
})

describe('an API that cannot start', () => {
  it('says that its port is taken, in the process itself and in one of its own', async () => {
    const first = await startApi(options())
    const again = { ...options(), port: first.port }
    const refusal = {
      code: 'PORT_IN_USE',
      exit: 2,
      message: expect.stringContaining(`port ${first.port} is in use`),
    }
    await expect(startApi(again)).rejects.toMatchObject(refusal)
    await expect(forkApi(again)).rejects.toMatchObject(refusal)
    await expect(startApiWorkers(again, 2, () => undefined)).rejects.toMatchObject(refusal)
    await first.close()
  })

  it('says that a variable that should hold the token is not set', async () => {
    await expect(startApi({ ...options(), tokenEnv: 'NO_SUCH_TOKEN' })).rejects.toMatchObject({
      code: 'TOKEN_MISSING',
      exit: 2,
    })
  })
})
