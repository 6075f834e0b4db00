import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildOnce, forgebench, type Ended } from '../../fixtures/cli/forgebench.ts'
import { shopFiles } from '../../fixtures/cli/shop-project.ts'
import { commitAll, writeFiles } from '../../fixtures/cli/user-project.ts'
import { readScenarioRun } from '../run/read.ts'
import { NativeConnection } from '../target/native.ts'

const root = mkdtempSync(join(tmpdir(), 'forgebench-dataset-'))
/** Nothing of the reference was ever made here. */
const cache = join(root, 'cache')
const data = ['--scale', '0.05']
const quick = [...data, '--operation-ms', '20', '--operations', 'latest']
const scenario = shopFiles['orders.ts'] ?? ''
let cwd = ''

const run = (...args: readonly string[]): Promise<Ended> =>
  forgebench(args, { cwd, env: { FORGEBENCH_CACHE: cache } })
const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
/** What the cache holds of a dataset: one folder for each scale, seed and version. */
const filled = (name: string): readonly string[] =>
  readdirSync(join(cache, 'data')).filter((folder) => new RegExp(`^${name}-[0-9a-f]+$`).test(folder))

beforeAll(buildOnce)
beforeEach(() => {
  cwd = mkdtempSync(join(root, 'project-'))
  writeFiles(cwd, shopFiles)
})
afterAll(() => {
  const made = existsSync(cache) ? readdirSync(join(cache, 'data')) : []
  rmSync(root, { recursive: true, force: true })
  expect(made.filter((name) => name.startsWith('reference'))).toEqual([])
})

describe('a scenario on a dataset of its project', () => {
  test('is measured by run, and the same seed gives the same rows', async () => {
    const args = ['run', './orders.ts', ...data, '--rounds', '1', '--max-seconds', '1']
    const first = await run(...args, '--json', 'a.json')
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('order_by_customer') })
    rmSync(join(cache, 'data'), { recursive: true })
    expect((await run(...args, '--json', 'b.json')).status).toBe(0)
    const digests = []
    for (const name of ['a.json', 'b.json']) {
      const [found] = (await readScenarioRun(join(cwd, name))).scenarios
      digests.push(found?.dataDigests['v4'])
    }
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(digests[1]).toBe(digests[0])
  })

  test('has its plans explained, with new ids as its dataset makes them', async () => {
    const { status, stdout } = await run('explain', './orders.ts', ...data)
    expect(status).toBe(0)
    expect(stdout).toMatch(/^ {2}indexed +SEARCH order USING INDEX order_by_customer \(customer=\?\)$/m)
  })

  test('keeps the budgets that calibrate suggests', async () => {
    const calibrate = ['calibrate', './orders.ts', ...data, '--rounds', '0', '--json']
    const { stdout } = await run(...calibrate)
    const { budgets } = JSON.parse(stdout) as { readonly budgets: readonly object[] }
    expect(budgets).toContainEqual(expect.objectContaining({ plan: ['uses order_by_customer'] }))
    write('orders.ts', scenario.replace(/\}\)\n$/, `  budgets: ${JSON.stringify(budgets)},\n})\n`))
    expect(await run('gate', 'budgets', './orders.ts', ...data)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('PASS'),
    })
  })

  test('is held to stored counters, and fails when an index is gone', async () => {
    const stored = ['--baseline', 'baseline.json']
    expect((await run('gate', 'save', './orders.ts', ...data, ...stored)).status).toBe(0)
    expect((await run('gate', 'counters', './orders.ts', ...stored)).status).toBe(0)
    write('orders.ts', scenario.replace("['by-customer']", '[]'))
    const lost = await run('gate', 'counters', './orders.ts', ...stored)
    expect(lost).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^latest plan: plan changed: SEARCH order /m),
    })
  })

  test.each([
    ['variants', 'variant:indexed', 'variant:baseline'],
    ['migrations', 'migrations:by-customer', 'migrations:'],
    ['revisions', 'git:main:indexed', 'variant:baseline'],
  ])('is gated between %s', async (_, baseline, candidate) => {
    commitAll(cwd, 'as it was')
    const sides = ['--baseline', baseline, '--candidate', candidate]
    expect(await run('gate', 'compare', './orders.ts', ...quick, ...sides)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^FAIL: latest p95/m),
    })
  })

  test('has its own migrations listed and proved, and no API to compare under load', async () => {
    write('forgebench.config.ts', "export { default } from './config.ts'\n")
    write(
      'config.ts',
      "import { shop } from './shop.ts'\nexport default { datasets: [shop], dataset: 'shop' }\n",
    )
    const listed = JSON.parse((await run('list', '--json')).stdout) as {
      readonly migrations: readonly { readonly id: string }[]
    }
    expect(listed.migrations.map(({ id }) => id)).toEqual(['initial', 'by-customer'])
    const verified = await run('migrate', 'verify', '--scale', '0.05')
    expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining('2 of 2 migrations') })
    expect(await run('load', 'compare', 'baseline', 'indexed', '--scenario', './orders.ts')).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/orders: the dataset shop has no API to serve; .*--url\n$/),
    })
  })
})

/** The rows of the shop as SQL, as the sqlite3 shell dumps them. */
function rowsOf(path: string): string {
  const connection = new NativeConnection(path, { readOnly: true })
  const columns = { customer: ['code', 'city'], order: ['id', 'customer', 'placed', 'total', 'state'] }
  const inserts = Object.entries(columns).flatMap(([table, names]) => {
    const values = names.map((name) => `quote(${name})`).join(` || ',' || `)
    return connection.querySync(`SELECT ${values} FROM "${table}"`).rows.map(([row]) => [table, String(row)])
  })
  connection.close()
  const text = inserts.map(([table, row]) => `INSERT INTO "${table}" VALUES(${row});\n`)
  return `PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n${text.join('')}COMMIT;\n`
}

describe('the same rows', () => {
  test.each([
    ['a database file', "database: 'file:shop.db',"],
    ['SQL files', "dataset: { name: 'dump', fill: { kind: 'sql', files: ['dump.sql'] } },"],
    [
      'a command',
      "dataset: { name: 'copied', fill: { kind: 'command', command: 'cp', args: ['shop.db', '{path}'], version: 1 } },",
    ],
  ])('come from %s, which stays as it is', async (_, stands) => {
    const own = ['explain', './orders.ts', ...data, '--json']
    const withoutNewId = scenario.replace('newId()', "'N' + index")
    write('orders.ts', withoutNewId)
    const expected = await run(...own)
    const [folder = ''] = filled('shop')
    copyFileSync(join(cache, 'data', folder, 'database.db'), join(cwd, 'shop.db'))
    write('dump.sql', `${shopFiles['migrations/initial/up.sql']}${rowsOf(join(cwd, 'shop.db'))}`)
    const before = ['shop.db', 'dump.sql'].map((name) => readFileSync(join(cwd, name)))
    write('orders.ts', withoutNewId.replace('dataset: shop,', stands))
    expect(await run(...own)).toMatchObject({ status: 0, stdout: expected.stdout })
    const after = ['shop.db', 'dump.sql'].map((name) => readFileSync(join(cwd, name)))
    expect(after).toEqual(before)
    expect(readdirSync(cwd).filter((name) => name.startsWith('shop.db'))).toEqual(['shop.db'])
  })
})

describe('a dataset that cannot be made is one line and exit 2:', () => {
  const broken = (fill: string): string =>
    `dataset: { name: 'broken', schema: { kind: 'migrations', folder: 'migrations' }, fill: ${fill} },`
  const generator = (rows: string): string => broken(`{ kind: 'generator', version: 1, *rows() { ${rows} } }`)

  test.each([
    [
      'a name that there is not',
      "dataset: 'refrence',",
      /^\.\/orders\.ts: dataset: no dataset refrence; did you mean reference\?/,
    ],
    [
      'a kind that there is not',
      broken("{ kind: 'csv' }"),
      /^\.\/orders\.ts: dataset\.fill\.kind: must be one of generator, /,
    ],
    [
      'a misspelt field',
      broken("{ kind: 'sql', files: ['a.sql'] }, descripton: 'x'"),
      /dataset\.descripton: unknown field; did you mean description\?/,
    ],
    ['two grounds', "dataset: shop, database: 'file:a.db',", /database: stands in place of a dataset/],
    ['a file that is not there', "database: 'file:none.db',", /none\.db: no such file$/],
    [
      'a file that is no database',
      "database: 'file:orders.ts',",
      /orders\.ts is not a SQLite\/libSQL database/,
    ],
    [
      'a generator that throws',
      generator("throw new Error('no more rows')"),
      /row 0: the generator threw no more rows$/,
    ],
    ['a row that is none', generator("yield ['customer']"), /row 1: yield \['table', \{ column: value \}\]$/],
    [
      'a value that is none',
      generator("yield ['customer', { code: true, city: '' }]"),
      /row 1: customer\.code is true; give null, /,
    ],
    [
      'a row that does not fit',
      generator("yield ['customer', { code: 'a', town: 'b' }]"),
      /row 1: .*no column named town$/,
    ],
    [
      'a row that breaks a rule',
      generator("yield ['order', { id: 'a', customer: 'b', placed: 'x', total: 1, state: 'open' }]"),
      /row 1: cannot store TEXT value in INTEGER column/,
    ],
    ['SQL that fails', broken("{ kind: 'sql', files: ['shop.ts'] }"), /shop\.ts:1: .*near "import"/],
    [
      'a command that fails',
      broken("{ kind: 'command', command: 'cp', args: ['nothing', '{path}'], version: 1 }"),
      /^orders: cp: ended with 1: cp: .*nothing/,
    ],
    [
      'a program that is not there',
      broken("{ kind: 'command', command: 'no-such-program', args: [], version: 1 }"),
      /no-such-program: no such program; install it/,
    ],
  ])('%s', async (_, stands, line) => {
    write('orders.ts', scenario.replace('dataset: shop,', stands))
    const { status, stdout, stderr } = await run('explain', './orders.ts', ...data)
    const lines = stderr.split('\n').filter((text) => text.startsWith('forgebench: '))
    expect({ status, stdout, lines: lines.length }).toEqual({ status: 2, stdout: '', lines: 1 })
    expect(lines[0]?.replace('forgebench: ', '')).toMatch(line)
  })

  test('ids that it does not have', async () => {
    write('orders.ts', scenario.replace("migrations: ['by-customer'] }", "migrations: [], ids: 'v7' }"))
    expect(await run('explain', './orders.ts', ...data)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/dataset shop has no ids v7; it has v4: take ids out of the variant\n$/),
    })
  })
})
