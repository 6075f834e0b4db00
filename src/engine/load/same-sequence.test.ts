import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startRecordingServer, type RecordedRequest } from '../../../fixtures/servers/recording-server.ts'
import profile from '../../../scenarios/load/prompts-api.ts'
import { hasK6 } from '../../../fixtures/load/has-k6.ts'
import type { LoadPlan } from '../../load/load-plan.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import type { LoadData } from '../../scenario/load-profile/load-profile.ts'
import { sequenceOf } from '../../scenario/load-profile/sequence.ts'
import { loadEngines, type LoadEngineName } from './load-engines.ts'

const dataPath = fileURLToPath(new URL('../../../scenarios/load/prompts-api.data.json', import.meta.url))
const data = JSON.parse(readFileSync(dataPath, 'utf8')) as LoadData
const plan: LoadPlan = {
  url: '',
  profilePath: `${scenariosFolder}/load/prompts-api.ts`,
  dataPath,
  mix: 'full',
  seed: 7,
  model: { kind: 'open-model', ratePerSec: 400, spacing: 'uniform' },
  stages: [
    { seconds: 0.5, fromLevel: 0, toLevel: 1 },
    { seconds: 1, fromLevel: 1, toLevel: 1 },
  ],
  warmUpSeconds: 0.5,
  connections: 8,
  connectRatePerSec: 1000,
  timeoutMs: 1000,
  maxRequests: 600,
  workers: 2,
  tokenEnv: null,
}

async function sentBy(engine: LoadEngineName, model: LoadPlan['model']): Promise<readonly RecordedRequest[]> {
  const server = await startRecordingServer()
  try {
    const send = await loadEngines[engine]()
    const options = { signal: new AbortController().signal, emit: () => undefined }
    await send({ ...plan, url: server.url, model }, options)
    return server.requests.toSorted((a, b) => (a.index ?? -1) - (b.index ?? -1))
  } finally {
    await server.close()
  }
}

const requestAt = sequenceOf(profile, plan.mix, data, plan.seed)

/** What the sequence has at the place that the sender named. */
const planned = ({ index }: RecordedRequest): RecordedRequest => {
  const { method, path, body } = requestAt(index ?? -1)
  return { index, method, path, body, authorization: null }
}

const engines: readonly (readonly [LoadEngineName, LoadPlan['model'], isThere: boolean])[] = [
  ['open', plan.model, true],
  ['open', { kind: 'peak' }, true],
  ['autocannon', { kind: 'peak' }, true],
  ['k6', plan.model, hasK6],
  ['k6', { kind: 'peak' }, hasK6],
]

describe.each(engines)('%s, load given as %o', (engine, model, isThere) => {
  const needs = engine === 'k6' ? ' (needs k6)' : ''
  it.skipIf(!isThere)(`sends the sequence of the profile, its mix and bodies${needs}`, async () => {
    const requests = await sentBy(engine, { ...model })
    expect(requests.length).toBeGreaterThan(100)
    for (const request of requests) expect(request).toEqual(planned(request))
    // No place twice; and none of a worker's left out, but for a few at the end.
    expect(new Set(requests.map(({ index }) => index)).size).toBe(requests.length)
    for (let worker = 0; worker < plan.workers; worker++) {
      const turns = requests.flatMap(({ index }) =>
        index !== null && index % plan.workers === worker ? [index] : [],
      )
      expect(turns.at(-1)).toBeLessThan(plan.workers * (turns.length + plan.connections))
    }
  })
})
