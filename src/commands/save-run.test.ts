import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { TargetError, UsageError } from '../core/errors.ts'
import { readRun } from '../run/read.ts'
import { noteFailure } from './outcome.ts'
import { saveRun } from './save-run.ts'

vi.mock('./outcome.ts', () => ({ noteFailure: vi.fn() }))

const root = mkdtempSync(join(tmpdir(), 'forgebench-save-'))
const disk = join(root, 'disk')
const run = sampleRun()
const elsewhere = join(root, 'tmp')
mkdirSync(disk)
mkdirSync(elsewhere)

afterEach(() => {
  vi.unstubAllEnvs()
  vi.mocked(noteFailure).mockClear()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Saves below `folder`, with another folder as the temporary one; returns what was said. */
async function saved(folder: string): Promise<{ readonly path: string; readonly failure: unknown }> {
  vi.stubEnv('TMPDIR', elsewhere)
  const path = await saveRun(folder, run)
  expect(await readRun(path)).toEqual(run)
  return { path, failure: vi.mocked(noteFailure).mock.calls[0]?.[0] }
}

test('a Run is kept where it was asked for, and nothing is said', async () => {
  const { path, failure } = await saved(join(root, 'reports'))
  expect(path.startsWith(join(root, 'reports'))).toBe(true)
  expect(failure).toBeUndefined()
})

test('a Run that its folder does not take is kept in the temporary one, which is said', async () => {
  writeFileSync(join(root, 'file'), '')
  const { path, failure } = await saved(join(root, 'file', 'reports'))
  expect(path.startsWith(join(elsewhere, 'forgebench-reports'))).toBe(true)
  expect(failure).toBeInstanceOf(UsageError)
  expect(failure).toMatchObject({ message: expect.stringContaining(`the run is kept in ${path}: `) })
})

const onSmallDisk = (work: () => Promise<void>) => async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk], { stdio: 'ignore' })
  try {
    await work()
  } finally {
    execFileSync('umount', [disk], { stdio: 'ignore' })
  }
}

test.skipIf(!mayMount())(
  'so is one that fills the disk: exit code 5, and no empty file is left there (root, who may mount)',
  onSmallDisk(async () => {
    const { path, failure } = await saved(join(disk, 'reports'))
    expect(path.startsWith(elsewhere)).toBe(true)
    expect(failure).toBeInstanceOf(TargetError)
    expect(failure).toMatchObject({ exit: 5, message: expect.stringMatching(/kept in .*the disk is full/) })
    expect(filesBelow(disk)).toEqual([])
  }),
)

test('where nothing takes it, the first failure is thrown', async () => {
  writeFileSync(join(root, 'no-folder'), '')
  for (const name of ['TMPDIR', 'HOME']) vi.stubEnv(name, join(root, 'no-folder'))
  await expect(saveRun(join(root, 'no-folder', 'reports'), run)).rejects.toMatchObject({
    code: 'RUN_UNWRITABLE',
  })
})

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  )

function mayMount(): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', disk], { stdio: 'ignore' })
    execFileSync('umount', [disk], { stdio: 'ignore' })
    return existsSync(disk)
  } catch {
    return false
  }
}
