import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedCache } from '../../fixtures/cache/shared-cache.ts'
import { buildOnce, forgebench, type Ended } from '../../fixtures/cli/forgebench.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-outcome-'))
const env = { FORGEBENCH_CACHE: sharedCache }
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

beforeAll(buildOnce)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** Writes a scenario and gates it. */
function gate(name: string, text: string): Promise<Ended> {
  writeFileSync(join(cwd, `${name}.ts`), text)
  const sides = ['--baseline', 'variant:baseline', '--candidate', 'variant:composite']
  const short = ['--scale', '0.01', '--max-seconds', '1', '--report', `junit=${name}.xml`]
  return forgebench(['gate', 'compare', `./${name}.ts`, ...sides, ...short], { cwd, env })
}

/** The command as a child, with stdout where a test wants it. */
function start(args: readonly string[], stdout: number | 'ignore' = 'ignore', more = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...process.env, ...env, ...more },
    stdio: ['ignore', stdout, 'pipe'],
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
  const ended = new Promise<{
    readonly status: number | null
    readonly signal: string | null
    readonly stderr: string
  }>((resolve) => child.once('close', (status, signal) => resolve({ status, signal, stderr })))
  return { child, ended, told: () => stderr }
}

describe('a gate is never ended in silence by its scenario', () => {
  test.each([
    ['exits', 'process.exit(0)\n', /^forgebench: exits\.ts:\d+: ends the process \(process\.exit\)/m],
    ['waits', 'await new Promise(() => undefined)\n', /^forgebench: \.\/waits\.ts: never finishes loading/m],
    ['later', 'setTimeout(() => process.exit(0), 200)\n', /^forgebench: later\.ts:\d+: ends the process/m],
    [
      'throws',
      'setTimeout(() => { throw new Error("left alone") }, 100)\n',
      /throws\.ts:\d+: throws: left alone$/m,
    ],
    ['rejects', 'void Promise.reject(new Error("left alone"))\n', /rejects\.ts:\d+: throws: left alone$/m],
    [
      'odd',
      'throw { toString() { throw new Error("no") } }\n',
      /odd\.ts: throws while it loads: an error that cannot/,
    ],
  ])('that %s', async (name, first, message) => {
    const { status, stdout, stderr } = await gate(name, first + tinyScenario)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ +at /m)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })

  test('that ends the process while arguments are drawn', async () => {
    const text = tinyScenario.replace('=> [title', '=> process.exit(0) as never ?? [title')
    const { status, stderr } = await gate('drawing', text)
    expect(stderr).toMatch(/^forgebench: drawing\.ts:\d+: ends the process/m)
    expect(status).toBe(2)
  })

  test.each([
    ['leaves', 'process.reallyExit(0)\n', 2],
    ['unheard', "process.removeAllListeners('exit')\nsetTimeout(() => process.exit(0), 100)\n", 2],
    ['overrules', "process.on('exit', () => { process.exitCode = 0 })\n", 3],
    ['overexits', "process.on('exit', () => process.exit(0))\n", 3],
    // The timer must not keep it alive, either.
    ['sets', 'process.exitCode = 7\nsetInterval(() => { process.exitCode = 0 }, 1)\n', 3],
    ['primitive', 'setTimeout(() => { throw Symbol("odd") }, 100)\n', 2],
  ])('that %s with an exit code of its own', async (name, first, exit) => {
    const { status, stdout, stderr } = await gate(name, first + tinyScenario)
    if (exit === 2) expect(stderr).toMatch(/^forgebench: [^\n]+\n$/m)
    else expect(stdout).toContain('INCONCLUSIVE')
    expect(status).toBe(exit)
  })

  test.each([
    ['configuration', 'forgebench.config.ts', 'process.exit(0)', /config\.ts:1: ends the process/],
    ['profile', 'p.ts', 'process.exit(0)', /p\.ts:1: ends the process/],
    ['profile that waits without end', 'p.ts', 'await new Promise(() => 0)', /p\.ts: never finishes loading/],
  ])('and a %s is held to the same', async (_, name, first, message) => {
    const folder = mkdtempSync(join(cwd, 'other-'))
    writeFileSync(join(folder, name), `${first}\nexport default {}\n`)
    const profile = name === 'p.ts' ? ['--profile', './p.ts'] : []
    const args = ['load', '--url', 'http://127.0.0.1:1', ...profile]
    const { status, stderr } = await forgebench(args, { cwd: folder, env })
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })
})

describe('a full device', () => {
  test.each([
    ['stdout', ['list'], true],
    ['the file of --json', ['list', '--json', '/dev/full'], false],
    [
      'the file of --out',
      [
        'report',
        fileURLToPath(new URL('../../fixtures/runs/sample.json', import.meta.url)),
        '--out',
        '/dev/full',
      ],
      false,
    ],
  ] as const)('as %s is exit code 5 and one line', async (_, args, toStdout) => {
    const device = openSync('/dev/full', 'w')
    const { status, stderr } = await start(args, toStdout ? device : 'ignore').ended
    closeSync(device)
    expect(stderr).toMatch(/^forgebench: [^\n]*the disk is full[^\n]*\n$/)
    expect(status).toBe(5)
  })
})

describe('signals', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s saves nothing half and ends with 130',
    async (name) => {
      const { child, ended, told } = start(['seed', '--db', `file:${name}.db`, '--scale', '5'])
      while (!told().includes(' of ') && child.exitCode === null) await sleep(20)
      child.kill(name)
      const { status, stderr } = await ended
      expect(stderr).toContain('stopping; Ctrl-C again')
      expect(status).toBe(130)
      expect(readdirSync(cwd).filter((file) => file.startsWith(name))).toEqual([])
    },
  )

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends arguments that compute without end',
    async (name) => {
      const text = tinyScenario.replace(
        '=> [title',
        '=> { process.stderr.write("looping"); while (true) {} }, //',
      )
      writeFileSync(join(cwd, 'args.ts'), text)
      const { child, ended, told } = start(['explain', './args.ts', '--scale', '0.01'])
      while (!told().includes('looping') && child.exitCode === null) await sleep(20)
      child.kill(name)
      expect(await ended).toMatchObject({ signal: name })
    },
  )

  test('end a dataset whose rows compute without end', async () => {
    const rows = `rows: function* () { process.stderr.write('looping'); while (true) {} }`
    const dataset = `{ name: 'own', schema: { kind: 'sql', files: ['./t.sql'] }, fill: { kind: 'generator', version: 1, ${rows} } }`
    writeFileSync(
      join(cwd, 'rows.ts'),
      tinyScenario
        .replace('defineScenario({', `defineScenario({ dataset: ${dataset},`)
        .replace("['composite-indexes']", '[]'),
    )
    writeFileSync(join(cwd, 't.sql'), 'CREATE TABLE t (a);')
    const { child, ended, told } = start(['explain', './rows.ts'])
    while (!told().includes('looping') && child.exitCode === null) await sleep(20)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ signal: 'SIGINT' })
  })

  test('end a scenario that computes without end while it loads', async () => {
    writeFileSync(
      join(cwd, 'loop.ts'),
      `process.stderr.write('looping\\n')\nwhile (true) {}\n${tinyScenario}`,
    )
    const { child, ended, told } = start(['explain', './loop.ts'])
    while (!told().includes('looping') && child.exitCode === null) await sleep(20)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
  })
})

test('a cache folder that can never be made is refused at once', async () => {
  const { status, stderr } = await start(['explain', 'indexes/composite'], 'ignore', {
    FORGEBENCH_CACHE: '/proc/x',
  }).ended
  expect(stderr).toMatch(
    /^forgebench: [^\n]*cannot make the cache folder \/proc\/x[^\n]*set FORGEBENCH_CACHE[^\n]*\n$/,
  )
  expect(status).toBe(2)
})
