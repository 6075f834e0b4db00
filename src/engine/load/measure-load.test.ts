import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { TargetError } from '../../core/errors.ts'
import type { LoadEvent } from '../../load/engine.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import { measureLoad, type MeasureLoadOptions } from './measure-load.ts'
import { prepareLoad, type PreparedLoad } from './prepare-load.ts'

let server: Server | undefined
afterEach(() => void server?.close())

/** An API that answers everything, and counts as the reference API does: `counts` one after another. */
async function api(counts: readonly number[]): Promise<string> {
  const left = [...counts]
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      const metrics = request.url === '/metrics' && left.length > 0
      const text = metrics ? `forgebench_api_requests_total{route="/api/v1/prompts"} ${left.shift()}` : '{}'
      response.writeHead(request.method === 'POST' ? 201 : 200).end(text)
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const prepared = (url: string, mix: string): Promise<PreparedLoad> =>
  prepareLoad(
    `${scenariosFolder}/load/prompts-api.ts`,
    {
      url,
      mix,
      seed: 1,
      model: { kind: 'open-model', ratePerSec: 40, spacing: 'uniform' },
      whenBusy: 'waits',
      seconds: 1,
      connections: 4,
      connectRatePerSec: 1000,
      timeoutMs: 5000,
      maxRequests: 1000,
      workers: 1,
      tokenEnv: null,
      dataPath: undefined,
    },
    [],
  )

const events: LoadEvent[] = []
const measured = async (url: string, options: Partial<MeasureLoadOptions> = {}, mix = 'review') =>
  measureLoad(
    await prepared(url, mix),
    { engine: 'open', rows: undefined, floor: false, token: undefined, version: '0.1.0', ...options },
    { signal: new AbortController().signal, emit: (event) => void events.push(event) },
  )

describe('measureLoad', () => {
  test('sets what was sent beside what the target counted and the database holds', async () => {
    let prompts = 500
    const rows: MeasureLoadOptions['rows'] = (tables) => {
      expect(tables).toEqual(['prompts'])
      prompts += 100
      return Promise.resolve({ prompts })
    }
    const run = await measured(await api([1000, 1030]), { rows })
    expect(run.measurement.accounting.reduce((sum, { planned }) => sum + planned, 0)).toBe(30)
    expect(run.reconciliation).toEqual({
      received: 30,
      rows: [{ table: 'prompts', acknowledged: run.measurement.created['prompts'], found: 100 }],
    })
    expect(run).toMatchObject({ kind: 'load', status: 'complete', floor: null, profile: { mix: 'review' } })
  })

  test('knows nothing of what a target received that was started anew, or tells nothing', async () => {
    expect((await measured(await api([1000, 7]))).reconciliation).toEqual({ received: null, rows: [] })
    server?.close()
    expect((await measured(await api([]))).reconciliation).toEqual({ received: null, rows: [] })
  })

  test('a database that is gone afterwards costs the count of rows, not the run', async () => {
    let calls = 0
    const rows: MeasureLoadOptions['rows'] = () => {
      calls += 1
      if (calls > 1) return Promise.reject(new TargetError('TARGET_NOT_FOUND', 'the disk is gone'))
      return Promise.resolve({ prompts: 1 })
    }
    const run = await measured(await api([]), { rows })
    expect(run.reconciliation.rows).toEqual([])
    expect(run.measurement.notes).toContain('rows could not be counted after the load: the disk is gone')
  })

  test('measures the machine first where that is wanted, and then the target', async () => {
    const run = await measured(await api([]), { floor: true }, 'reads')
    expect(run.floor?.ratePerSec).toBeGreaterThan(0)
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'step', text: expect.stringMatching(/this machine/) as string }),
    )
  })
})
