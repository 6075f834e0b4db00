import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sampleGateRun } from '../../../fixtures/runs/sample-gate-run.ts'
import { sampleLoadRun } from '../../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import { gateFormatNames } from '../../report/formats.ts'
import { serializeRun } from '../../run/serialize.ts'
import { program } from '../program.ts'
import { reportCommand } from '../report.ts'

let folder = ''
let failing = ''
let passing = ''
let stdout = ''
let stderr = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-gate-reports-'))
  failing = join(folder, 'failing.json')
  passing = join(folder, 'passing.json')
  await writeFile(failing, serializeRun(sampleGateRun()))
  await writeFile(passing, serializeRun(swapped()))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(() => {
  stdout = ''
  stderr = ''
  vi.stubEnv('GITHUB_ACTIONS', undefined)
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
})

/** The sample with its sides exchanged: what was lost is won. */
function swapped(): ReturnType<typeof sampleGateRun> {
  const run = sampleGateRun()
  const other = (side: string): string => (side === 'baseline' ? 'candidate' : 'baseline')
  const timings = run.scenario.timings.map((timing) => ({ ...timing, variant: other(timing.variant) }))
  return { ...run, id: `${run.id}2`, scenario: { ...run.scenario, timings } }
}

/** Runs the command in this process, and says with which exit code it would end. */
async function gate(...args: readonly string[]): Promise<number | string | null | undefined> {
  process.exitCode = undefined
  await (await program('gate')).parseAsync(['gate', 'judge', ...args], { from: 'user' })
  return process.exitCode
}

const written = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')

describe('reports of a gate', () => {
  test('are written in every format, beside the table, whatever the verdict', async () => {
    const orders = gateFormatNames.flatMap((name) => ['--report', `${name}=${join(folder, 'new', name)}`])
    expect(await gate(failing, ...orders)).toBe(1)
    expect(stdout).toMatch(/^FAIL/m)
    for (const name of gateFormatNames.filter((format) => format !== 'bigger-is-better')) {
      expect(await written(join('new', name))).toContain('Q1')
    }
  })

  test('are the same from the file of the Run', async () => {
    const file = join(folder, 'gate.xml')
    await gate(failing, '--report', `junit=${file}`)
    stdout = ''
    await reportCommand().parseAsync([failing, '--format', 'junit'], { from: 'user' })
    expect(stdout).toBe(await readFile(file, 'utf8'))
  })

  test('hold all the Runs that were judged, and the worst of them decides', async () => {
    const file = join(folder, 'both.json')
    expect(await gate(passing)).toBe(0)
    expect(await gate(failing, passing, '--report', `gate-json=${file}`)).toBe(1)
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      status: 'fail',
      runs: [{ id: '20261124T004831Z-1f2e3d' }, { id: '20261124T004831Z-1f2e3d2' }],
      findings: [{ status: 'fail' }, { status: 'improved' }, {}, {}],
    })
  })

  test.each([
    ['juint=gate.xml', 'FORMAT_UNKNOWN', /did you mean junit\?/],
    ['junit', 'REPORT_ARGUMENT', /such as --report junit=gate.xml/],
    ['junit=', 'REPORT_ARGUMENT', /such as --report junit=gate.xml/],
  ])('are refused in one line: %s', async (order, code, message) => {
    const refused = gate(failing, '--report', order)
    await expect(refused).rejects.toMatchObject({ code, exit: 2, message: expect.stringMatching(message) })
    expect(stdout).toBe('')
  })

  test('are refused when two go to one file', async () => {
    const refused = gate(failing, '--report', 'junit=x', '--report', 'bmf=x')
    await expect(refused).rejects.toMatchObject({ code: 'REPORT_TWICE' })
  })

  test('are refused before anything is measured or read when they cannot be written', async () => {
    for (const file of [folder, join(failing, 'gate.xml')]) {
      const refused = gate(join(folder, 'gone.json'), '--report', `junit=${file}`)
      await expect(refused).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE', exit: 2 })
    }
  })

  test.skipIf(process.getuid?.() === 0)('are refused in a closed folder (needs not to be root)', async () => {
    const closed = join(folder, 'closed')
    await mkdir(closed)
    await chmod(closed, 0o500)
    const refused = gate(failing, '--report', `junit=${join(closed, 'gate.xml')}`)
    await expect(refused).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE' })
  })
})

test('a Run that asks for no verdict has no report of one', async () => {
  const file = join(folder, 'run.json')
  await writeFile(file, serializeRun(sampleRun()))
  const refused = reportCommand().parseAsync([file, '--format', 'junit'], { from: 'user' })
  await expect(refused).rejects.toMatchObject({ code: 'FORMAT_NOT_FOR_RUN', exit: 2 })
})

test('the thresholds of a load are reported like every other gate', async () => {
  const file = join(folder, 'load.json')
  await writeFile(file, serializeRun(sampleLoadRun()))
  const report = async (format: string): Promise<string> => {
    stdout = ''
    await reportCommand().parseAsync([file, '--format', format], { from: 'user' })
    return stdout
  }
  expect(await report('junit')).toMatch(/<testcase name="load\/[^"]+http_req_duration[^"]+p\(95\)/)
  expect(await report('benchfmt')).toMatch(/^BenchmarkGate.* http_req_duration\{op:list\}_p\(95\)-ns\/op$/m)
  expect(JSON.parse(await report('bmf'))).toHaveProperty(['load/prompts-api', 'http-req-failed-rate'])
  expect(await report('github-summary')).toMatch(/http\\_req\\_failed rate .* 0\.0455 % /)
})

describe('in GitHub Actions', () => {
  beforeEach(() => vi.stubEnv('GITHUB_ACTIONS', 'true'))

  test('a gate adds itself to the summary and prints annotations, without being asked', async () => {
    const summary = join(folder, 'summary.md')
    await writeFile(summary, '# of another command\n')
    vi.stubEnv('GITHUB_STEP_SUMMARY', summary)
    expect(await gate(failing)).toBe(1)
    expect(await written('summary.md')).toMatch(/^# of another command\n## gate indexes\/sample/)
    expect(stdout).toMatch(/^::error title=fail%3A indexes\/sample\/Q1 p95/m)
  })

  test('a Run on stdout stays JSON', async () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', undefined)
    await gate(failing, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'gate' })
  })

  test('a summary that cannot be written is a warning, and the verdict stays', async () => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', folder)
    expect(await gate(passing)).toBe(0)
    expect(stderr).toMatch(/^forgebench: warning: the summary of the job was not written \([^\n]+\)\n$/)
  })
})

test('elsewhere nothing is printed for GitHub', async () => {
  await gate(failing)
  expect(stdout).not.toMatch(/^::/m)
})
