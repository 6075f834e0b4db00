import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { answerOk, firstIndexes } from '../../../fixtures/load/raw-server.ts'
import { rawServers } from '../../../fixtures/load/raw-servers.ts'
import { planOf, totals } from '../../../fixtures/load/send-here.ts'
import { loadRunSchema } from '../../run/load/load-run.ts'
import type { LoadEvent } from '../engine.ts'
import type { LoadPlan } from '../load-plan.ts'
import { openEngine } from './open-engine.ts'

const serve = rawServers()

async function send(plan: LoadPlan, signal = new AbortController().signal) {
  const events: LoadEvent[] = []
  const measurement = await openEngine(plan, { signal, emit: (event) => events.push(event) })
  return { measurement, events }
}

/** Sending processes of this test, from /proc. */
const sendingProcesses = (): readonly number[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return (
          parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sender.process')
        )
      } catch {
        return false
      }
    })
    .map(Number)

const twoSeconds = [{ seconds: 2, fromLevel: 1, toLevel: 1 }]

describe('the open engine', () => {
  test('sends one sequence from several processes and measures it as a Run holds it', async () => {
    const server = await serve()
    const plan = planOf(server.url, { workers: 2, stages: twoSeconds, warmUpSeconds: 1, connections: 11 })
    const { measurement, events } = await send(plan)
    expect(loadRunSchema.shape.measurement.parse(measurement)).toEqual(measurement)
    expect(totals(measurement)).toEqual({ planned: 800, sent: 800, 200: 800 })
    expect(server.indexes.toSorted((a, b) => a - b)).toEqual(firstIndexes(800))
    expect(measurement.slices.map(({ second, phase, requests }) => [second, phase, requests])).toEqual([
      [0, 'warm-up', 400],
      [1, 'measured', 400],
    ])
    expect(measurement.lateness?.samples).toBe(400)
    expect(measurement.connections).toEqual({ opened: 11, reopened: 0, peak: 11 })
    expect(measurement.seconds).toBe(2)
    expect(measurement.workers).toHaveLength(2)
    for (const { cpuShare, loopUtilization, maxRssBytes } of measurement.workers) {
      expect(cpuShare).toBeGreaterThan(0)
      expect(loopUtilization).toBeGreaterThan(0)
      expect(maxRssBytes).toBeGreaterThan(10e6)
    }
    const seconds = events.filter((event) => event.kind === 'second')
    expect(seconds.reduce((sum, { sent }) => sum + sent, 0)).toBe(800)
    expect(seconds.reduce((sum, { answered }) => sum + answered, 0)).toBe(800)
    expect(events).toContainEqual({ kind: 'step', text: 'opening connections', done: 11, total: 11 })
    expect(sendingProcesses()).toEqual([])
  })

  test(
    'loses its server: every request is accounted for, and the run ends with its schedule',
    { timeout: 120_000 },
    async () => {
      const server = await serve()
      const killed = (async () => {
        while (server.requests.length < 200) await pause(5)
        await server.kill()
      })()
      const { measurement } = await send(planOf(server.url, { stages: twoSeconds, timeoutMs: 600_000 }))
      await killed
      const { planned, sent, refused = 0, closed = 0, 200: answered = 0 } = totals(measurement)
      expect([planned, sent, answered + refused + closed]).toEqual([800, 800, 800])
      expect(refused).toBeGreaterThan(300)
      expect(measurement.notes).toContainEqual(expect.stringMatching(/could not be opened: \d+ ECONNREFUSED/))
      expect(answered).toBeGreaterThanOrEqual(200 - 10)
      expect(measurement.interrupted).toBe(false)
    },
  )

  test('is interrupted: it sends nothing new, waits for what is under way, and says so', async () => {
    const server = await serve((request) => void setTimeout(() => answerOk(request), 300))
    const interruption = new AbortController()
    const interrupted = (async () => {
      while (server.requests.length < 100) await pause(5)
      interruption.abort()
    })()
    const plan = planOf(server.url, { stages: [{ seconds: 60, fromLevel: 1, toLevel: 1 }], connections: 400 })
    const { measurement } = await send(plan, interruption.signal)
    await interrupted
    const counted = totals(measurement)
    expect(counted).toEqual({
      planned: counted['planned'],
      sent: counted['planned'],
      200: counted['planned'],
    })
    expect(counted['planned']).toBe(server.requests.length)
    expect(measurement.interrupted).toBe(true)
    expect(measurement.seconds).toBeLessThan(60)
  })

  test('is interrupted while it opens connections: nothing is sent', async () => {
    const server = await serve()
    const interruption = new AbortController()
    const plan = planOf(server.url, { connections: 1000, connectRatePerSec: 50 })
    const measurement = await openEngine(plan, {
      signal: interruption.signal,
      emit: (event) => {
        if (event.kind === 'step' && (event.done ?? 0) > 5) interruption.abort()
      },
    })
    expect(measurement.interrupted).toBe(true)
    expect(measurement.accounting).toEqual([])
    expect(server.requests).toEqual([])
    expect(sendingProcesses()).toEqual([])
  })

  test('says so when a sending process dies, and stops the others', async () => {
    const server = await serve()
    const murdered = (async () => {
      while (server.requests.length < 50) await pause(5)
      process.kill(sendingProcesses()[0]!, 'SIGKILL')
    })()
    const plan = planOf(server.url, { workers: 2, stages: [{ seconds: 30, fromLevel: 1, toLevel: 1 }] })
    await expect(send(plan)).rejects.toMatchObject({
      code: 'SENDER_DIED',
      exit: 5,
      message: expect.stringContaining('SIGKILL'),
    })
    await murdered
    while (sendingProcesses().length > 0) await pause(5)
  })

  test('leaves no sending process behind when it is killed itself', async () => {
    const server = await serve()
    const plan = planOf(server.url, { workers: 2, stages: [{ seconds: 60, fromLevel: 1, toLevel: 1 }] })
    const script = fileURLToPath(new URL('../../../fixtures/load/run-open.ts', import.meta.url))
    const loader = ['--import', import.meta.resolve('jiti/register')]
    const engine = spawn(process.execPath, [...loader, script, JSON.stringify(plan)], { stdio: 'ignore' })
    while (server.requests.length < 50) await pause(5)
    engine.kill('SIGKILL')
    while (server.open > 0) await pause(5)
  })

  test('refuses a path that cannot be sent, with the request that has it', async () => {
    const server = await serve()
    const plan = planOf(server.url, {
      profilePath: new URL('../../../fixtures/load/bad-path.ts', import.meta.url).pathname,
    })
    await expect(send(plan)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      exit: 2,
      message: expect.stringContaining('list'),
    })
  })
})

const openssl = (() => {
  try {
    return execFileSync('openssl', ['version']).length > 0
  } catch {
    return false
  }
})()

describe.skipIf(!openssl)('TLS (needs openssl)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'forgebench-tls-'))
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]

  test('is spoken with servers whose certificate is trusted, and refused to others', async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const files = ['-keyout', keyPath, '-out', certPath]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject],
      {
        stdio: 'ignore',
      },
    )
    const names = new Set<string | boolean>()
    const options = { key: readFileSync(keyPath), cert: readFileSync(certPath), keepAliveTimeout: 60_000 }
    const server = createServer(options, (_, response) => response.end('{}'))
    server.on('secureConnection', (socket) => names.add(socket.servername ?? false))
    await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve))
    const { port } = server.address() as { port: number }
    rmSync(keyPath)
    const plan = planOf(`https://localhost:${port}`)
    const distrusted = await send(plan)
    expect(totals(distrusted.measurement)).toEqual({ planned: 200, sent: 200, refused: 200 })
    expect(distrusted.measurement.notes.join()).toMatch(
      /could not be opened: \d+ DEPTH_ZERO_SELF_SIGNED_CERT/,
    )
    for (const tls of [
      { caFile: certPath, insecure: false },
      { caFile: null, insecure: true },
    ]) {
      const trusted = await send({ ...plan, tls })
      expect(totals(trusted.measurement)).toEqual({ planned: 200, sent: 200, 200: 200 })
    }
    expect(names).toEqual(new Set(['localhost']))
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
})
