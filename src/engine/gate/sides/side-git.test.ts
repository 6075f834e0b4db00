import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitAll, git, projectFiles, writeFiles } from '../../../../fixtures/cli/user-project.ts'
import type { ForgebenchError } from '../../../core/errors.ts'
import { scenarioMigrations } from '../../../stage/scenario-migrations.ts'
import type { GateSide } from './gate-side.ts'
import { committedFile } from './git-repository.ts'
import { writeTree } from './git-tree.ts'
import { withSides, type Sides } from './with-sides.ts'
import { referenceDatasets } from '../../../reference/dataset.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-git-'))
const project = join(root, 'project')
const scenario = join(project, 'bench', 'prompts.ts')
const stages = join(root, 'cache', 'stages')
const slowSql = 'CREATE INDEX idx_user_status_created ON prompts (status);\n'
let first = ''

beforeAll(() => {
  process.env['FORGEBENCH_CACHE'] = join(root, 'cache')
  writeFiles(project, projectFiles)
  first = commitAll(project, 'as it was')
  git(project, 'tag', 'v1')
  writeFiles(project, {
    'migrations/user-index/up.sql': slowSql,
    'bench/columns.ts': `export const columns = 'id, title, created_at, status'\n`,
    'bench/new.ts': projectFiles['bench/prompts.ts'] ?? '',
  })
  commitAll(project, 'as it is')
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(root, { recursive: true, force: true })
})

const sidesOf = <T>(
  baseline: string,
  candidate: string | undefined,
  look: (sides: Sides) => T | Promise<T>,
  path = scenario,
): Promise<T> =>
  withSides(
    path,
    { baseline, candidate, baselineTokenEnv: null, candidateTokenEnv: null },
    referenceDatasets,
    async (sides) => look(sides),
  )
const sqlOf = ({ loaded }: GateSide): string => loaded.scenario.operations[0]?.sql ?? ''
const refusal = (baseline: string, candidate?: string, path?: string): Promise<string> =>
  sidesOf(baseline, candidate, () => 'was not refused', path).catch((error: ForgebenchError) => {
    expect(error.exit).toBe(2)
    return error.message
  })

describe('a revision of a project', () => {
  test('has its own statements, imports and migrations; the candidate is the working tree', async () => {
    await sidesOf('git:v1:indexed', undefined, async ({ baseline, candidate }) => {
      expect(baseline).toMatchObject({ spec: 'git:v1:indexed', commit: first })
      expect(candidate).toMatchObject({ spec: 'variant:indexed', commit: null })
      expect(sqlOf(baseline)).toMatch(/^SELECT id, title, created_at FROM/)
      expect(sqlOf(candidate)).toMatch(/^SELECT id, title, created_at, status FROM/)
      const up = async ({ loaded }: GateSide): Promise<string | undefined> =>
        Array.from(
          (await scenarioMigrations(loaded)).find(({ id }) => id === 'user-index')?.up.statements ?? [],
          ({ text }) => text,
        )[0]
      expect(await up(baseline)).toContain('(user_id, status, created_at)')
      expect(await up(candidate)).toContain('(status)')
    })
  })

  test('takes the variant of the other side when it names none', async () => {
    await sidesOf('git:HEAD~1', 'variant:indexed', ({ baseline }) => {
      expect(baseline.place).toMatchObject({ variant: { id: 'indexed' } })
    })
    await sidesOf('git:v1', 'git:main:baseline', ({ baseline, candidate }) => {
      expect(baseline.place).toMatchObject({ variant: { id: 'baseline' } })
      expect(candidate.commit).toBe(git(project, 'rev-parse', 'main'))
    })
  })

  test('changes nothing in the working tree or the index, and leaves no file behind', async () => {
    writeFileSync(join(project, 'bench', 'columns.ts'), `export const columns = 'id, created_at'\n`)
    git(project, 'add', 'bench/columns.ts')
    writeFileSync(join(project, 'bench', 'columns.ts'), `export const columns = 'id, title, created_at'\n`)
    const state = (): string => git(project, 'status', '--porcelain=v2') + git(project, 'worktree', 'list')
    const index = (): string => readFileSync(join(project, '.git', 'index')).toString('hex')
    const before = [state(), index()]
    await sidesOf('git:v1:indexed', undefined, () => {
      expect(readdirSync(stages)).toHaveLength(1)
    })
    expect([state(), index()]).toEqual(before)
    expect(readdirSync(stages)).toEqual([])
    git(project, 'checkout', '--quiet', '--force', 'HEAD', '--', 'bench')
  })

  test('is of the repository of the scenario, also in a hook of another', async () => {
    process.env['GIT_DIR'] = join(root, 'another.git')
    process.env['GIT_INDEX_FILE'] = join(root, 'another.git', 'index')
    try {
      await sidesOf('git:v1:indexed', undefined, ({ baseline }) => expect(baseline.commit).toBe(first))
    } finally {
      delete process.env['GIT_DIR']
      delete process.env['GIT_INDEX_FILE']
    }
  })

  test('is read from a shallow clone, and from one without a working tree of that file', async () => {
    const clone = join(root, 'shallow')
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${project}`, clone])
    const there = join(clone, 'bench', 'prompts.ts')
    await sidesOf(
      'git:HEAD:indexed',
      undefined,
      ({ baseline }) => expect(baseline.commit).not.toBe(first),
      there,
    )
    expect(await refusal('git:v1:indexed', undefined, there)).toMatch(
      /no revision v1 here; did you mean .*\(this clone is shallow: git fetch what is missing first\)$/,
    )
    rmSync(join(clone, 'bench'), { recursive: true })
    await sidesOf(
      'git:HEAD:indexed',
      'git:HEAD:baseline',
      ({ candidate }) => expect(candidate.loaded.id).toBe('prompts'),
      there,
    )
  })

  test('finds the packages that are installed in the working tree', async () => {
    const path = join(project, 'bench', 'with-package.ts')
    const text = projectFiles['bench/prompts.ts'] ?? ''
    writeFileSync(path, `import { table } from 'our-words'\n${text.replaceAll("table: 'prompts'", 'table')}`)
    commitAll(project, 'a package')
    writeFiles(join(project, 'node_modules', 'our-words'), {
      'package.json': '{ "name": "our-words", "type": "module", "exports": "./index.js" }',
      'index.js': `export const table = 'prompts'\n`,
    })
    await sidesOf(
      'git:HEAD:indexed',
      undefined,
      ({ baseline }) =>
        expect(baseline.loaded.scenario.operations[0]?.draw).toMatchObject({ table: 'prompts' }),
      path,
    )
    expect(existsSync(join(project, 'node_modules', 'our-words', 'index.js'))).toBe(true)
  })
})

describe('a revision that cannot be built is refused in one line:', () => {
  const built = 'git:[^ ]+: this baseline cannot be built: '
  test('one that there is not, with the nearest', async () => {
    expect(await refusal('git:mian:indexed')).toMatch(
      new RegExp(`^--baseline ${built}no revision mian here; did you mean main\\?$`),
    )
    expect(await refusal('git:--help:indexed')).toMatch(/no revision --help here/)
  })

  test('one without the scenario, or without the variant', async () => {
    const path = join(project, 'bench', 'new.ts')
    expect(await refusal('git:v1:indexed', undefined, path)).toMatch(
      new RegExp(`${built}revision v1 has no bench/new.ts$`),
    )
    expect(await refusal('git:v1:indxed', 'variant:indexed')).toMatch(
      new RegExp(`${built}revision v1: prompts has no variant indxed; did you mean indexed\\?`),
    )
  })

  test('one whose scenario does not load, with its place in the revision', async () => {
    const broken: Readonly<Record<string, readonly [Readonly<Record<string, string>>, RegExp]>> = {
      syntax: [
        { 'bench/prompts.ts': 'export default {{' },
        /built: syntax:bench\/prompts.ts:1: syntax error/,
      ],
      import: [
        { 'bench/columns.ts': `import './gone.ts'\nexport const columns = 'id'` },
        /built: import:bench/,
      ],
      fields: [
        { 'bench/prompts.ts': 'export default { title: 1 }' },
        /built: fields:bench\/prompts.ts: \d+ mistakes; /,
      ],
      migration: [
        { 'migrations/user-index/up.sql': 'VACUUM;' },
        /built: migration:migrations\/user-index\/up.sql:1: VACUUM/,
      ],
      initial: [
        {
          'migrations/initial/migration.json':
            '{ "id": "initial", "dependsOn": [], "claims": [], "why": "x" }',
          'migrations/initial/up.sql': 'CREATE TABLE t (a);',
          'migrations/initial/down.sql': 'DROP TABLE t;',
        },
        /built: initial:migrations\/initial: not the schema of the dataset/,
      ],
    }
    for (const [branch, [files, message]] of Object.entries(broken)) {
      git(project, 'checkout', '--quiet', '-b', branch, 'v1')
      writeFiles(project, files)
      commitAll(project, branch)
      git(project, 'checkout', '--quiet', 'main')
      const said = await refusal(`git:${branch}:indexed`, 'variant:indexed')
      expect(said).toMatch(message)
      expect(said).not.toMatch(/\n|clones-/)
    }
  })
})

describe('the files of a commit', () => {
  test('are written byte by byte, and no link leads out of them', async () => {
    const odd = join(root, 'odd')
    mkdirSync(join(odd, 'a b'), { recursive: true })
    const bytes = Buffer.from([0, 13, 10, 255, 10])
    writeFileSync(join(odd, 'a b', 'ü\n.bin'), bytes)
    writeFileSync(join(odd, 'lines.txt'), 'one\r\ntwo\n')
    writeFileSync(join(odd, 'empty'), '')
    writeFileSync(join(odd, '.gitattributes'), '* text=auto eol=crlf export-ignore\n*.bin binary\n')
    writeFileSync(join(odd, 'run'), '#!/bin/sh\n')
    chmodSync(join(odd, 'run'), 0o755)
    symlinkSync('a b', join(odd, 'inside'))
    symlinkSync(root, join(odd, 'outside'))
    symlinkSync('../../etc', join(odd, 'above'))
    commitAll(odd, 'odd')
    const copy = join(root, 'copy', 'tree')
    mkdirSync(dirname(copy))
    await writeTree(await committedFile(join(odd, 'lines.txt'), 'HEAD'), copy)
    expect(readdirSync(copy).toSorted()).toEqual([
      '.gitattributes',
      'a b',
      'empty',
      'inside',
      'lines.txt',
      'run',
    ])
    expect(readFileSync(join(copy, 'inside', 'ü\n.bin')).equals(bytes)).toBe(true)
    // As committed: the attributes ask for other line endings.
    expect(readFileSync(join(copy, 'lines.txt'), 'utf8')).toBe('one\ntwo\n')
    expect(basename(copy)).toBe('tree')
  })
})
