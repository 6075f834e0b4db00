import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { UsageError } from '../core/errors.ts'
import { parseRun, readRun } from './read.ts'
import { runFormatVersion } from './run.ts'
import { runFolderName, serializeRun, writeRun, writeRunFile } from './write.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-run-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = sampleRun()
const loadRun = sampleLoadRun()

describe('writeRun', () => {
  test('keeps a run in a folder of its own, and reading gives it back', async () => {
    const path = await writeRun(join(folder, 'reports'), run)
    expect(path).toBe(join(folder, 'reports', '20261124T004831Z-1f2e3d', 'run.json'))
    expect(await readRun(path)).toEqual(run)
  })

  test('keeps a load run likewise', async () => {
    const path = await writeRun(join(folder, 'reports'), loadRun)
    expect(path).toBe(join(folder, 'reports', '20261124T011500Z-7a3c90', 'run.json'))
    expect(await readRun(path)).toEqual(loadRun)
  })

  test('leaves nothing but the run behind, also when it is written twice', async () => {
    const reports = join(folder, 'twice')
    await writeRun(reports, run)
    await writeRun(reports, run)
    expect(await readdir(join(reports, runFolderName(run)))).toEqual(['run.json'])
  })

  test('names runs of the same second apart', () => {
    expect(runFolderName(run)).not.toBe(runFolderName({ ...run, id: '20261124T004831Z-ffffff' }))
  })

  test('never lets an id lead out of the folder', () => {
    expect(runFolderName({ ...run, id: '../../etc/passwd' })).toBe('20261124T004831Z-etcpasswd')
  })

  test('says what to do when it may not write', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    await expect(writeRunFile(join(file, 'run.json'), run)).rejects.toMatchObject({
      code: 'RUN_UNWRITABLE',
      exit: 2,
      message: expect.stringContaining(file),
    })
  })
})

describe('serializeRun', () => {
  test('puts an array of numbers on one line and every other field on its own', () => {
    const lines = serializeRun(run).split('\n')
    expect(lines).toContain('    "loadAverage": [3.1,2.4,1.9],')
    expect(lines).toContain('  "id": "20261124T004831Z-1f2e3d",')
  })

  test('is the committed sample, byte for byte', async () => {
    await expect(serializeRun(run)).toMatchFileSnapshot('../../fixtures/runs/sample.json')
    expect(serializeRun(run).length).toBeLessThan(200_000)
  })

  test('leaves out what is undefined and keeps what is null, like JSON.stringify', () => {
    expect(JSON.parse(serializeRun(run))).toEqual(JSON.parse(JSON.stringify(run)))
  })
})

describe('readRun', () => {
  const text = serializeRun(run)
  const loadText = serializeRun(loadRun)
  const withMeasurement = (change: Partial<Record<keyof typeof loadRun.measurement, unknown>>): string =>
    JSON.stringify({ ...loadRun, measurement: { ...loadRun.measurement, ...change } })
  const brokenSlice = { ...loadRun.measurement.slices[0], service: 'HISTFAAAAC54nJNpmSzMwMDA' }
  const refused = (content: string): unknown => {
    try {
      return parseRun(content, 'my.json')
    } catch (error) {
      return error
    }
  }

  test.each([
    ['an empty file', '', 'RUN_NOT_JSON'],
    ['a file cut off in the middle', text.slice(0, text.length / 2), 'RUN_NOT_JSON'],
    ['other JSON', '{"name":"forgebench"}', 'RUN_NOT_A_RUN'],
    ['null', 'null', 'RUN_NOT_A_RUN'],
    ['a Run of an older format', JSON.stringify({ ...run, version: 1 }), 'RUN_TOO_OLD'],
    ['a Run of a newer format', JSON.stringify({ ...run, version: runFormatVersion + 1 }), 'RUN_TOO_NEW'],
    ['a Run without a field', JSON.stringify({ ...run, settings: undefined }), 'RUN_DAMAGED'],
    ['a Run of an unknown kind', JSON.stringify({ ...run, kind: 'sql' }), 'RUN_KIND_UNKNOWN'],
    ['a Run whose kind is no text', JSON.stringify({ ...run, kind: 7 }), 'RUN_KIND_UNKNOWN'],
    [
      'a Run whose kind is a word of JavaScript',
      JSON.stringify({ ...run, kind: 'toString' }),
      'RUN_KIND_UNKNOWN',
    ],
    ['a scenario Run that says it is a load', JSON.stringify({ ...run, kind: 'load' }), 'RUN_DAMAGED'],
    ['a load Run that does not say so', JSON.stringify({ ...loadRun, kind: undefined }), 'RUN_DAMAGED'],
    ['a load Run cut off in the middle', loadText.slice(0, loadText.length / 2), 'RUN_NOT_JSON'],
    [
      'a load Run of a newer format',
      JSON.stringify({ ...loadRun, version: runFormatVersion + 1 }),
      'RUN_TOO_NEW',
    ],
    ['a load Run without its request accounting', withMeasurement({ accounting: undefined }), 'RUN_DAMAGED'],
    ['a load Run with a broken histogram', withMeasurement({ slices: [brokenSlice] }), 'RUN_DAMAGED'],
    [
      'a load Run with a threshold that is none',
      JSON.stringify({ ...loadRun, thresholds: [{ metric: 'http_reqs', expression: 'many' }] }),
      'RUN_DAMAGED',
    ],
    ['a Run of an unknown status', JSON.stringify({ ...run, status: 'fine' }), 'RUN_DAMAGED'],
  ])('refuses %s in one line that names the file', (_, content, code) => {
    const error = refused(content)
    expect(error).toMatchObject({ code, exit: 2, message: expect.stringMatching(/^my\.json: [^\n]+$/) })
  })

  test('refuses every damage in one line, whatever it is', () => {
    const damage = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      gone: fc.nat(40),
      with: fc.string(),
    })
    fc.assert(
      fc.property(damage, fc.constantFrom(text, loadText), ({ at, gone, with: put }, whole) => {
        const begin = Math.floor(at * whole.length)
        const found = refused(whole.slice(0, begin) + put + whole.slice(begin + gone))
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(UsageError)
          expect(found.message.split('\n')).toHaveLength(1)
        } else expect(found).toHaveProperty('format')
      }),
      { numRuns: 60 },
    )
  })

  test('names the slice whose histogram is broken', () => {
    expect(refused(withMeasurement({ slices: [brokenSlice] }))).toMatchObject({
      message: expect.stringContaining(
        'measurement.slices.0, create in second 0: its histogram cannot be read',
      ),
    })
  })

  test('names the field that is wrong', () => {
    const broken = JSON.stringify({ ...run, settings: { ...run.settings, sliceMs: 'many' } })
    expect(refused(broken)).toMatchObject({ message: expect.stringContaining('settings.sliceMs') })
  })

  test('refuses samples that end within a number', () => {
    const [scenario] = run.scenarios
    const [timing] = scenario?.timings ?? []
    if (scenario === undefined || timing === undefined) throw new Error('the sample has timings')
    const slices = [{ block: 0, order: 0, firstNs: 1, samplesNs: '/w==' }]
    const broken = {
      ...run,
      scenarios: [{ ...scenario, timings: [{ ...timing, rounds: [{ round: 1, slices }] }] }],
    }
    expect(refused(JSON.stringify(broken))).toMatchObject({
      code: 'RUN_DAMAGED',
      message: expect.stringContaining('Q1 on baseline: samples that end within a number'),
    })
  })

  test.each(['missing.json', '.'])('says so when %s cannot be read', async (name) => {
    await expect(readRun(join(folder, name))).rejects.toMatchObject({ code: 'RUN_UNREADABLE', exit: 2 })
  })
})
