import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOnce, forgebench } from '../../fixtures/cli/forgebench.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import { answerOk, RawServer } from '../../fixtures/load/raw-server.ts'
import { findK6 } from '../load/k6/find-k6.ts'

const k6 = await findK6().catch(() => undefined)
const root = mkdtempSync(join(tmpdir(), 'forgebench-full-'))
const full = join(root, 'tmp')
const project = join(root, 'project')
const server = await RawServer.start(answerOk)

const profile = `export default {
  title: 'One GET', why: 'A test.',
  requests: [{ id: 'root', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
  mixes: { all: { root: 1 } },
  thresholds: { http_req_failed: ['rate<0.5'] },
}
`

/** A disk of 64 KiB without a free block, or without room for a name; false where nobody may mount one. */
function mountFull(what: 'blocks' | 'names'): boolean {
  if (process.getuid?.() !== 0) return false
  const options = what === 'blocks' ? 'size=64k' : 'size=64k,nr_inodes=2'
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', full], { stdio: 'ignore' })
  } catch {
    return false
  }
  try {
    writeFileSync(join(full, 'filler'), Buffer.alloc(1 << 20))
  } catch {
    // As far as it went.
  }
  return true
}

function unmount(): void {
  try {
    execFileSync('umount', [full], { stdio: 'ignore' })
  } catch {
    // It was not mounted.
  }
}

mkdirSync(full)
const mayMount = mountFull('blocks')
unmount()

beforeAll(async () => {
  mkdirSync(project)
  writeFileSync(join(project, 'tiny.ts'), tinyScenario)
  writeFileSync(join(project, 'p.ts'), profile)
  await buildOnce()
})
afterAll(async () => {
  unmount()
  await server.kill()
  rmSync(root, { recursive: true, force: true })
})

const load = [
  'load',
  '--url',
  server.url,
  '--profile',
  './p.ts',
  '--rate',
  '10',
  '--duration',
  '1',
  '--no-floor',
]
const small = ['--scale', '0.05']
const sides = ['--baseline', 'variant:baseline', '--candidate', 'variant:composite', '--max-seconds', '3']

interface Ending {
  readonly args: readonly string[]
  readonly ends: readonly number[]
}

const k6Load: Ending = { args: [...load, '--engine', 'k6'], ends: [5] }

/** Commands and how they end: what needs the folder says so, and what does not need it goes on without. */
const commands: readonly Ending[] = [
  { args: ['migrate', 'verify', 'composite-indexes'], ends: [5] },
  { args: load, ends: [0, 4] },
  { args: ['seed', '--db', 'file:seeded.db', ...small], ends: [0] },
  { args: ['run', './tiny.ts', ...small, '--rounds', '2', '--max-seconds', '3'], ends: [0, 3] },
  { args: ['gate', 'compare', './tiny.ts', ...small, ...sides], ends: [0, 1, 3] },
]

describe.runIf(mayMount).each(['blocks', 'names'] as const)(
  'a temporary folder without free %s (root, who may mount)',
  (what) => {
    const isRefused = ({ ends }: Ending): boolean => ends.includes(5)
    test.each(what === 'blocks' ? commands : commands.filter(isRefused))('$args', (command) => tried(command))
    test.skipIf(k6 === undefined)('load --engine k6 (needs k6)', () => tried(k6Load))

    async function tried({ args, ends }: Ending): Promise<void> {
      unmount()
      mountFull(what)
      const before = readdirSync(full)
      const { status, stderr } = await forgebench(args, {
        cwd: project,
        // The k6 that was found may lie in the cache that is not this one.
        env: { TMPDIR: full, FORGEBENCH_CACHE: join(root, 'cache'), K6_BIN: k6?.path ?? '' },
      })
      expect(stderr).not.toMatch(/^ +at /m)
      expect(ends, stderr).toContain(status)
      expect(readdirSync(full)).toEqual(before)
      if (status !== 5) return
      expect(stderr.match(/^forgebench: /gm)).toHaveLength(1)
      expect(stderr).toMatch(/^forgebench: [^\n]*\bfull\b[^\n]*\n$/m)
      expect(stderr).toContain(full)
    }
  },
)
