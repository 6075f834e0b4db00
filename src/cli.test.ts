import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOnce, forgebench, type Ended } from '../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../fixtures/cli/in-process.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-cli-'))
const run = (...args: readonly string[]): Promise<Ended> => forgebenchHere(args, { cwd })
const started = (...args: readonly string[]): Promise<Ended> => forgebench(args, { cwd })
const manyMistakes = fileURLToPath(new URL('../fixtures/scenarios/many-mistakes.ts', import.meta.url))

beforeAll(buildOnce)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** Exit 2, nothing on stdout, one line on stderr. */
async function refused(args: readonly string[], message: RegExp | string): Promise<void> {
  const { status, stdout, stderr } = await run(...args)
  expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
  expect(stderr).toMatch(message)
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
}

describe('forgebench', () => {
  const verbs = [
    'run',
    'list',
    'explain',
    'migrate',
    'statistics',
    'seed',
    'serve',
    'load',
    'gate',
    'calibrate',
    'report',
  ]

  test.each(['run', 'gate', 'gate compare'])(
    '%s --help shows an example that begins with it',
    async (verb) => {
      const { status, stdout, stderr } = await started(...verb.split(' '), '--help')
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(new RegExp(`Examples?:\\n +(\\$ )?forgebench ${verb}\\b`))
      expect(stdout).not.toContain('\u001b')
    },
  )

  test('--help names every command, and --version the version of the package', async () => {
    const { stdout } = await started('--help')
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'))
    const { default: manifest } = await import('../package.json', { with: { type: 'json' } })
    expect(await started('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  test('without a command shows its help and says by its exit code that it did nothing', async () => {
    for (const args of [[], ['migrate'], ['gate']]) {
      const { status, stderr } = await started(...args)
      expect(status).toBe(2)
      expect(stderr).toContain('Commands:')
    }
  })

  test.each([
    [['rnu'], "unknown command 'rnu'; forgebench has run, list, explain,"],
    [['migrate', 'upp'], "unknown command 'upp'; forgebench migrate has up, down, status, verify"],
    [['run', '--sclae', '1'], "unknown option '--sclae' (Did you mean --scale?)"],
    [['--jsn'], "unknown option '--jsn'"],
    [
      ['--scale', '1', 'run'],
      "unknown option '--scale'; options stand behind the command that they belong to",
    ],
    [['run', 'indexes/composite', 'indexes/composite'], 'indexes/composite is named twice; name it once'],
    [['explain'], "missing required argument 'scenario'"],
    [['migrate', 'up'], "required option '--db <location>' not specified"],
  ])('%j is refused with what was meant', async (args, message) => refused(args, message))

  test('an option that is given twice is refused: the last would win without a word', async () => {
    await refused(['run', '--scale', '1', '--scale', '2'], '--scale is given twice; give it once')
    await refused(['load', '--url', 'http://127.0.0.1:1', '--url=http://127.0.0.1:2'], '--url is given twice')
    await refused(['migrate', 'up', '--db', 'a.db', '--db', 'b.db'], '--db is given twice')
  })

  test('neither control characters nor thousands of characters are echoed', async () => {
    const long = 'x'.repeat(5000)
    for (const args of [
      ['run', long],
      [long],
      ['run', `--${long}`],
      ['run', '--seed', long],
      ['gate', long],
      ['gate', 'judge', long, '--report', long],
    ]) {
      const { stderr, status } = await run(...args)
      expect(status).toBe(2)
      expect(stderr.length).toBeLessThan(800)
    }
    await refused(['run', 'a\u0007\u001b[31m'], String.raw`a\x07\x1b[31m`)
  })

  test.each([
    ['run', '--scale', '0', 'a number from 0.01 to 100'],
    ['run', '--scale', 'large', 'a number from 0.01 to 100'],
    ['run', '--seed', '-1', 'a whole number from 0 to 4294967295'],
    ['calibrate', '--rounds', '101', 'a whole number from 0 to 100'],
    ['calibrate', '--headroom', '0', 'a number from 1 to 1000'],
    ['run', '--slice-ms', '1e3', 'a whole number from 1 to 1000'],
    ['explain', '--scale', '101', 'a number from 0.01 to 100'],
    ['migrate verify', '--scale', '0.001', 'a number from 0.01 to 10'],
  ])('%s refuses %s %j and says what it must be', async (verb, option, value, range) =>
    refused([...verb.split(' '), option, value], `argument '${value}' is invalid. it must be ${range}`),
  )

  test.each(['run', 'explain', 'list', 'gate budgets', 'calibrate'])(
    '%s guesses which scenario was meant',
    async (verb) => {
      await refused(
        [...verb.split(' '), 'indexes/compsite'],
        'no scenario indexes/compsite; did you mean indexes/composite?',
      )
      await refused(
        [...verb.split(' '), './absent.ts'],
        './absent.ts: no such file; see what there is with: forgebench list',
      )
    },
  )

  test('tells all mistakes of a scenario file at once', async () => {
    const { status, stdout, stderr } = await run('run', manyMistakes)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr.split('\n').length).toBeGreaterThan(10)
    expect(stderr).toContain('many-mistakes.ts')
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test('tells where a scenario file is no TypeScript', async () => {
    writeFileSync(join(cwd, 'broken.ts'), "import { defineScenario } from 'forgebench'\nexport default {,}\n")
    await refused(['run', './broken.ts'], /broken\.ts:2\b/)
  })

  test('list is pure JSON where that is asked for, and text without colours where it is not', async () => {
    const text = await run('list')
    expect(text.stdout).toContain('indexes/composite')
    expect(text.stdout + text.stderr).not.toContain('\u001b')
    const { stdout, stderr } = await run('list', '--json')
    expect(stderr).toBe('')
    const { scenarios, migrations } = JSON.parse(stdout) as Record<string, readonly { readonly id: string }[]>
    expect(scenarios?.map(({ id }) => id)).toContain('keys/uuid-storage')
    expect(migrations?.map(({ id }) => id)).toContain('composite-indexes')
  })

  test('says in one line that JSON cannot be written where it should be', async () => {
    await refused(['list', '--json', join(cwd, 'no', 'list.json')], 'cannot write the JSON (ENOENT)')
    await refused(['list', '--json', cwd], 'cannot write the JSON (EISDIR)')
  })
})
