import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedCache } from '../../../fixtures/cache/shared-cache.ts'
import { buildOnce, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { parseRun } from '../../run/read.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-compare-'))
const compare = (variants: string, ...args: readonly string[]): Promise<Ended> =>
  forgebenchHere(['load', 'compare', ...variants.split(' '), ...args], {
    cwd,
    env: { FORGEBENCH_CACHE: sharedCache },
  })

beforeAll(buildOnce)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('forgebench load compare', () => {
  test('serves the variants, loads them in turns, and writes a Run and a report of both', async () => {
    const small = ['--scale', '0.02', '--rounds', '1', '--duration', '2', '--mix', 'reads', '--out', 'out']
    const { status, stdout, stderr } = await compare('baseline composite', ...small)
    // A machine that is too busy makes the sender doubtful, and the comparison invalid.
    expect([0, 4], stderr).toContain(status)
    expect(stdout).toContain('composite')
    const [folder = ''] = readdirSync(join(cwd, 'out'))
    const path = join(cwd, 'out', folder, 'run.json')
    expect(stderr).toContain(join('out', folder, 'report.md'))
    expect(parseRun(readFileSync(path, 'utf8'), path)).toMatchObject({
      kind: 'load-comparison',
      status: 'complete',
      settings: { engine: 'autocannon', model: { kind: 'peak' }, scale: 0.02 },
      variants: [{ id: 'baseline' }, { id: 'composite', versus: 'baseline' }],
    })
  })

  test.each([
    ['baseline', [], 'name two or more different variants, such as baseline composite'],
    ['baseline compsite', [], 'indexes/composite has no variant compsite; it has baseline'],
    ['baseline composite', ['--users', '5'], "unknown option '--users'"],
    ['baseline composite', ['--arrivals', 'poisson'], '--arrivals spaces the arrivals of --rate; add --rate'],
    ['baseline composite', ['--engine', 'k6'], 'Allowed choices are open, autocannon'],
    ['baseline composite', ['--mix', 'raeds'], 'has no mix raeds; it has review, full, reads'],
  ])('%s %j is refused with the fix', async (variants, args, message) => {
    const { status, stdout, stderr } = await compare(variants, ...args)
    expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })
})
