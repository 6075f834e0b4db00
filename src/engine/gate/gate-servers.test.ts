import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { copySeeded, sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { fakeRound } from '../../../fixtures/rounds/fake-round.ts'
import { projectFiles, writeFiles } from '../../../fixtures/cli/user-project.ts'
import { judgeGate } from '../../judge/gate/gate.ts'
import { parseGateRun } from '../../run/read.ts'
import { serializeRun } from '../../run/serialize.ts'
import { NativeConnection } from '../../target/native.ts'
import { findSqld, startSqld, type RunningSqld } from '../../target/server/sqld-process.ts'
import { gateSettings } from './gate-settings.ts'
import { measureGate, type GateOutcome } from './measure-gate.ts'
import { runRoundInChild, type RunRound } from '../experiment/time-rounds.ts'
import { withSides, type SideSpecs } from './sides/with-sides.ts'
import { referenceDatasets } from '../../reference/dataset.ts'

const hasSqld = (await findSqld()) !== undefined
const root = mkdtempSync(join(tmpdir(), 'forgebench-gate-servers-'))
const file = (name: string): string => join(root, name)
const scenario = file('bench/prompts.ts')
const lookRounds = 2
const token = 'sesame-of-the-test'
let servers: RunningSqld[] = []
let proxy: Server | undefined

beforeAll(async () => {
  if (!hasSqld) return
  process.env['FORGEBENCH_CACHE'] = sharedCache
  process.env['FORGEBENCH_TEST_TOKEN'] = token
  writeFiles(root, projectFiles)
  await copySeeded(file('a.db'), { scale: 0.01, seed: 5, ids: 'v4' })
  const copy = new NativeConnection(file('a.db'))
  copy.executeSync('VACUUM INTO ?', [file('b.db')])
  copy.close()
  const changed = new NativeConnection(file('b.db'))
  changed.scriptSync('CREATE INDEX ours ON prompts (user_id, status, created_at)')
  changed.close()
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  servers = []
  proxy?.closeAllConnections()
  proxy?.close()
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  delete process.env['FORGEBENCH_TEST_TOKEN']
  rmSync(root, { recursive: true, force: true })
})

async function serve(name: string): Promise<RunningSqld> {
  const server = await startSqld({ databasePath: file(name) })
  servers.push(server)
  return server
}

const gate = (
  specs: Pick<SideSpecs, 'baseline' | 'candidate'> & Partial<SideSpecs>,
  runRound: RunRound = runRoundInChild,
  operations?: readonly string[],
): Promise<GateOutcome> =>
  withSides(
    scenario,
    { baselineTokenEnv: null, candidateTokenEnv: null, ...specs },
    referenceDatasets,
    (sides) =>
      measureGate(
        {
          ...sides,
          ...(operations === undefined ? {} : { operations }),
          settings: gateSettings({
            seed: 1,
            orderSeed: 1,
            scale: 0.01,
            maxSeconds: 600,
            operationMs: 60,
            // A busy server has not answered often enough for a p95, and in 20 ms not even for a p50.
            quantile: 'p50',
            budget: [{ rounds: lookRounds, alpha: 0.25, stallAlpha: 0 }],
          }),
          emit: () => undefined,
          signal: new AbortController().signal,
          runRound,
        },
        '0.0.0',
      ),
  )

/** Rounds that take no time. */
const instant: RunRound = async (plan) => fakeRound(plan, { rows: 1 })

/** A server in front of another, which writes down who asks for what. */
async function watched(url: string): Promise<{ url: string; tokens: Set<string>; sql: string[] }> {
  const tokens = new Set<string>()
  const sql: string[] = []
  const { hostname, port } = new URL(url)
  proxy = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    // Who asks for the version says nothing of himself.
    if (method === 'POST') tokens.add(headers.authorization ?? 'none')
    const on = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.on('data', (chunk: Buffer) => sql.push(chunk.toString()))
    incoming.pipe(on)
  })
  await new Promise<void>((resolve) => proxy?.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, tokens, sql }
}

describe.skipIf(!hasSqld)('a gate between servers (needs sqld)', () => {
  test('asks both for the same answers, request by request, and records what can be known of them', async () => {
    const [a, b] = [await serve('a.db'), await serve('b.db')]
    const orders: string[] = []
    const { run, failure } = await gate(
      { baseline: a.url, candidate: b.url.replace('http:', 'ws:') },
      (plan, signal) => {
        orders.push(...plan.operations.map(({ sides }) => String(sides.length)))
        expect(JSON.stringify(plan)).not.toContain(token)
        return runRoundInChild(plan, signal)
      },
    )
    expect(failure).toBeUndefined()
    expect(orders.length).toBeGreaterThan(lookRounds)
    const again = parseGateRun(serializeRun(run), 'run.json')
    expect(judgeGate(again).findings).toMatchObject([{ operation: 'newest', rounds: lookRounds }])
    expect(again.baseline).toMatchObject({ spec: a.url, source: 'server', url: a.url, dataDigest: null })
    expect(again.baseline.engine).toMatch(/^sqld .* \(SQLite 3\.\d+/)
    expect(again.candidate.schemaDigest).not.toBe(again.baseline.schemaDigest)
    expect(again.candidate.answers).toEqual(again.baseline.answers)
    expect(again.scenario).toMatchObject({ variants: [], evidence: [], dataDigests: {} })
    expect(again.scenario.timings.map(({ driver }) => driver)).toEqual(['@libsql/client', '@libsql/client'])
  })

  test('sends the token to its own server alone, writes nothing, and keeps the token out of the Run', async () => {
    const a = await serve('a.db')
    const front = await watched(a.url)
    const { run } = await gate({
      baseline: front.url,
      candidate: a.url,
      baselineTokenEnv: 'FORGEBENCH_TEST_TOKEN',
    })
    expect([...front.tokens].toSorted()).toEqual([`Bearer ${token}`])
    expect(serializeRun(run)).not.toContain(token)
    expect(front.sql.join('\n')).toContain('SELECT id, title, created_at')
    expect(front.sql.join('\n')).not.toMatch(/INSERT|UPDATE|DELETE|BEGIN|ANALYZE/)
  })

  test('may have a file on the other side; a note says what lies between them', async () => {
    const a = await serve('a.db')
    for (const specs of [
      { baseline: a.url, candidate: `file:${file('b.db')}` },
      { baseline: `file:${file('b.db')}`, candidate: a.url },
    ]) {
      const { run, failure } = await gate(specs, instant)
      expect(failure).toBeUndefined()
      expect(run.candidate.answers).toEqual(run.baseline.answers)
      expect(run.scenario.variants).toHaveLength(1)
      const { findings, notes } = judgeGate(run)
      expect(notes).toEqual([expect.stringMatching(/^one side is a server and the other a file/)])
      expect(findings.map(({ status }) => status)).toEqual(['inconclusive'])
    }
  })

  test('one of which dies keeps what was measured, and says which', async () => {
    const [a, b] = [await serve('a.db'), await serve('b.db')]
    const { run, failure } = await gate({ baseline: a.url, candidate: b.url }, async (plan, signal) => {
      if (plan.round === 2) process.kill(b.pid, 'SIGKILL')
      return runRoundInChild(plan, signal)
    })
    expect(failure).toMatchObject({
      code: 'TARGET_UNREACHABLE',
      exit: 5,
      message: expect.stringMatching(
        `^prompts, round 2: \\w+ on candidate: ${b.url}: cannot be reached; is the server running, and the URL right[?]$`,
      ) as string,
    })
    expect(run).toMatchObject({ status: 'partial', rounds: [{ round: 1 }] })
    expect(judgeGate(run).status).toBe('inconclusive')
  })

  test('that answer otherwise is invalid; a write is refused', async () => {
    const [a, b] = [await serve('a.db'), await serve('b.db')]
    const connection = await fetch(`${b.url}/v2/pipeline`, {
      method: 'POST',
      body: JSON.stringify({
        requests: [{ type: 'execute', stmt: { sql: "UPDATE prompts SET title = 'x' || title" } }],
      }),
    })
    expect(connection.status).toBe(200)
    await expect(gate({ baseline: a.url, candidate: b.url })).rejects.toMatchObject({
      code: 'ANSWERS_DIFFER',
      exit: 4,
      message: expect.stringMatching(/^prompts: newest answers otherwise on candidate than on baseline/),
    })
    await expect(gate({ baseline: a.url, candidate: b.url }, undefined, ['add'])).rejects.toMatchObject({
      exit: 2,
      message: 'add: writes, and a server is only read; name reads with --operations',
    })
  })
})
