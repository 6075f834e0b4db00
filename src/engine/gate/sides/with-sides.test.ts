import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFiles, writeFiles } from '../../../../fixtures/cli/user-project.ts'
import { ForgebenchError } from '../../../core/errors.ts'
import { NativeConnection } from '../../../target/native.ts'
import type { GateSide } from './gate-side.ts'
import { withSides, type SideSpecs, type Sides } from './with-sides.ts'
import { referenceDatasets } from '../../../reference/dataset.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-sides-'))
const scenario = join(root, 'bench', 'prompts.ts')
const none = { baselineTokenEnv: null, candidateTokenEnv: null }

beforeAll(() => {
  process.env['FORGEBENCH_CACHE'] = join(root, 'cache')
  writeFiles(root, projectFiles)
  new NativeConnection(join(root, 'there.db')).scriptSync('CREATE TABLE t (a)')
  writeFileSync(join(root, 'empty.db'), '')
  writeFileSync(join(root, 'secret.db'), 'x'.repeat(4096))
})
afterAll(() => {
  delete process.env['FORGEBENCH_CACHE']
  rmSync(root, { recursive: true, force: true })
})

const read = (specs: Partial<SideSpecs>): Promise<Sides> =>
  withSides(
    scenario,
    { baseline: 'variant:baseline', candidate: 'variant:indexed', ...none, ...specs },
    referenceDatasets,
    async (sides) => sides,
  )
const candidate = async (spec: string): Promise<GateSide> => (await read({ candidate: spec })).candidate

async function refusal(specs: Partial<SideSpecs>): Promise<ForgebenchError> {
  try {
    await read(specs)
  } catch (error) {
    if (error instanceof ForgebenchError) return error
    throw error
  }
  throw new Error('was not refused')
}

describe('a side of a gate', () => {
  test('is a variant, with the migrations of its project', async () => {
    const { spec, place, commit, loaded } = await candidate('variant:indexed')
    expect({ spec, commit }).toEqual({ spec: 'variant:indexed', commit: null })
    expect(place).toMatchObject({ kind: 'variant', variant: { id: 'indexed', migrations: ['user-index'] } })
    expect(loaded.migrationsFolder).toBe(join(root, 'migrations'))
  })

  test('is a list of migrations, of the project or of forgebench, on the scenario’s data', async () => {
    const { place } = await candidate('migrations:user-index, partial-indexes')
    expect(place).toMatchObject({
      kind: 'variant',
      variant: { migrations: ['user-index', 'partial-indexes'], statistics: 'analyzed', ids: 'v4' },
    })
    expect((await candidate('migrations:')).place).toMatchObject({ variant: { migrations: [] } })
  })

  test('is a database file, which is not touched when the side is read', async () => {
    const path = join(root, 'there.db')
    const before = readFileSync(path)
    expect((await candidate(`file:${path}`)).place).toEqual({ kind: 'file', path })
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-shm`)).toBe(false)
  })

  test('shares the scenario with the other, so that its file is read once', async () => {
    const sides = await read({})
    expect(sides.baseline.loaded).toBe(sides.candidate.loaded)
  })
})

describe('a side that cannot be', () => {
  const forms =
    /write variant:<id>, migrations:<a>,<b>, git:<revision>\[:<variant>\], file:<path.db>, the URL of/
  test.each<[Partial<SideSpecs>, number, RegExp]>([
    [{ candidate: 'varient:indexed' }, 2, /^--candidate varient:indexed: .*did you mean variant:\?$/],
    [{ candidate: 'indexed' }, 2, forms],
    [{ candidate: '' }, 2, forms],
    [{ candidate: 'variant:' }, 2, /has no variant ; .* It has baseline, indexed$/],
    [
      { baseline: 'variant:indxed' },
      2,
      /^--baseline variant:indxed: prompts has no variant indxed; did you mean indexed\? It has baseline, indexed$/,
    ],
    [
      { candidate: 'migrations:user-indx' },
      2,
      /^--candidate migrations:user-indx: no migration «user-indx»; did you mean «user-index»\?$/,
    ],
    [{ candidate: 'migrations:initial' }, 2, /initial is applied in any case; leave it out$/],
    [{ candidate: 'migrations:user-index,user-index' }, 2, /user-index is named twice$/],
    [{ candidate: 'file:' }, 2, /^--candidate file:: names no file/],
    [{ candidate: 'file:absent.db' }, 2, /^--candidate file:absent.db: no such file$/],
    [
      { candidate: 'file:nowhere/x.db' },
      2,
      /^--candidate file:nowhere\/x.db: no folder .*nowhere; make it first$/,
    ],
    [{ candidate: `file:${root}` }, 2, /is a directory; name a database file in it$/],
    [{ candidate: `file:${join(root, 'empty.db')}` }, 2, /: the file is empty$/],
    [
      { candidate: `file:${join(root, 'secret.db')}` },
      2,
      /secret.db is not a SQLite\/libSQL database \(or it is encrypted\)$/,
    ],
    [{ candidate: 'http://' }, 2, /^--candidate is no valid URL/],
    [{ baseline: 'http://127.0.0.1:1' }, 5, /^http:\/\/127.0.0.1:1: cannot be reached/],
    [{ candidateTokenEnv: 'TOKEN' }, 2, /^--auth-token-env is for a server, but --candidate is none$/],
    [{ baselineTokenEnv: 'TOKEN' }, 2, /^--baseline-auth-token-env is for a server, but --baseline is none$/],
    [
      { baseline: 'http://127.0.0.1:1', baselineTokenEnv: 'FORGEBENCH_NO_SUCH' },
      2,
      /^--baseline-auth-token-env takes the name .* FORGEBENCH_NO_SUCH is not set$/,
    ],
    [{ candidate: undefined }, 2, /^gate compare needs --candidate beside this --baseline/],
    [{ baseline: 'base.json' }, 2, /^--baseline base.json: .*a stored Run is for forgebench gate counters$/],
    [{ baseline: 'git:main', candidate: undefined }, 2, /--baseline git:main names no variant/],
    [
      { baseline: 'git:main', candidate: 'migrations:user-index' },
      2,
      /^--baseline git:main: names no variant, and neither does the other side; write git:main:<variant>$/,
    ],
    [{ baseline: 'git:', candidate: 'variant:indexed' }, 2, /^--baseline git:: names no revision/],
    [
      { baseline: 'git:main:indexed' },
      2,
      /^--baseline git:main:indexed: this baseline cannot be built: .*is in no git repository/,
    ],
  ])('is refused in one line: %j', async (specs, exit, message) => {
    const error = await refusal(specs)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
    expect(error.exit).toBe(exit)
  })

  test.each(['postgres://me:hunter2@host/db', 'https://me:hunter2@host', 'libsql://host?authToken=hunter2'])(
    'repeats no password: %s',
    async (spec) => {
      const { message, exit } = await refusal({ baseline: spec })
      expect(message).not.toContain('hunter2')
      expect(message).toMatch(/^--baseline /)
      expect(exit).toBe(2)
    },
  )
})
