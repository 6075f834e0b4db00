import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { serializeRun } from '../run/serialize.ts'
import { reportCommand } from './report.ts'

const sample = fileURLToPath(new URL('../../fixtures/runs/sample.json', import.meta.url))
let folder = ''
let printed = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-report-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

const report = (...args: readonly string[]): Promise<unknown> =>
  reportCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(args, { from: 'user' })

test('prints the terminal report by default', async () => {
  await report(sample)
  expect(printed).toMatch(/^forgebench run 20261124T004831Z-1f2e3d\n/)
  expect(printed).toContain('C1 partly · C2 confirmed · C11 partly')
})

test('writes Markdown to a file in a new folder, and nothing to stdout', async () => {
  const out = join(folder, 'new', 'report.md')
  await report(sample, '--format', 'markdown', '--out', out)
  expect(await readFile(out, 'utf8')).toContain('## What holds')
  expect(printed).toBe('')
})

test('prints the Run in place of the report with --json', async () => {
  await report(sample, '--json')
  expect(JSON.parse(printed)).toEqual(JSON.parse(await readFile(sample, 'utf8')))
})

test('shows a load again in every format, with its verdict from the file alone', async () => {
  const file = join(folder, 'load.json')
  await writeFile(file, serializeRun(sampleLoadRun()))
  const begins = {
    terminal: /^forgebench load .+\nPASS /s,
    markdown: /^# forgebench load/,
    hlog: /^#\[/,
    csv: /^second,/,
  }
  for (const [format, beginning] of Object.entries(begins)) {
    printed = ''
    await report(file, '--format', format)
    expect(printed).toMatch(beginning)
  }
})

test('refuses the log of seconds of a run that has none', async () => {
  await expect(report(sample, '--format', 'hlog')).rejects.toMatchObject({
    code: 'FORMAT_NOT_FOR_RUN',
    exit: 2,
  })
})

test('refuses a format that is not there, and a file that is not there', async () => {
  await expect(report(sample, '--format', 'pdf')).rejects.toThrow(/terminal, markdown/)
  await expect(report(join(folder, 'gone.json'))).rejects.toMatchObject({ code: 'RUN_UNREADABLE' })
})

test('says so when it may not write the report', async () => {
  await expect(report(sample, '--out', join(sample, 'report.txt'))).rejects.toMatchObject({
    code: 'REPORT_UNWRITABLE',
    exit: 2,
  })
})
