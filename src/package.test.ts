import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedCache } from '../fixtures/cache/shared-cache.ts'
import { buildOnce, forgebench, type Ended } from '../fixtures/cli/forgebench.ts'
import { tinyScenario } from '../fixtures/cli/tiny-scenario.ts'
import { RawServer } from '../fixtures/load/raw-server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** 557 kB; 432 before servers, engines, bills and sweeps came in. */
const mostBytes = 600_000

/** A load of the project's own. */
const profile = `import { defineLoadProfile } from 'forgebench'

export default defineLoadProfile({
  title: 'get 100 %',
  why: 'A user asked.',
  requests: [{ id: 'get', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
  mixes: { one: { get: 1 } },
  thinkMs: { from: 0, to: 0 },
  stages: [{ seconds: 1, level: 1 }],
  thresholds: { http_req_failed: ['rate<0.5'] },
})
`

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

interface Packed {
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

const folder = mkdtempSync(join(tmpdir(), 'forgebench-package-'))
let packed: Packed
let paths: readonly string[] = []
let server: RawServer

beforeAll(async () => {
  await buildOnce()
  // What npm does before it packs, without a second build.
  execFileSync('npm', ['run', '--silent', 'prepack'], { cwd: root })
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [found] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8' })) as Packed[]
  packed = found!
  paths = packed.files.map(({ path }) => path)
  server = await RawServer.start()
})

afterAll(async () => {
  await server?.kill()
  rmSync(folder, { recursive: true, force: true })
})

describe('the package', () => {
  test(`holds what runs: no test, bench or fixture, no source map, and at most ${mostBytes / 1000} kB`, () => {
    expect(
      paths.filter((path) => /[.]test[.]|[.]bench[.]|(^|\/)bench\/|^fixtures\/|[.]map$/.test(path)),
    ).toEqual([])
    expect(packed.size).toBeLessThanOrEqual(mostBytes)
  })

  test('holds what its files import: declarations behind the front door, and sources that k6 reads', () => {
    const sources = paths.filter((path) => path.endsWith('.ts'))
    expect(sources).toContain('dist/index.d.ts')
    for (const path of sources) {
      const ending = path.endsWith('.d.ts') ? '.d.ts' : '.ts'
      const imports = readFileSync(join(root, path), 'utf8').matchAll(
        /^(?:im|ex)port (.*?)from ['"](\.[^'"]+)\.ts['"]/gms,
      )
      for (const [, names = '', module = ''] of imports) {
        if (ending === '.ts' && names.startsWith('type ')) continue
        expect(paths, path).toContain(`${posix.join(dirname(path), module)}${ending}`)
      }
    }
  })
})

/**
 * An empty project with the package installed as npm would, offline: the tarball unpacked, and its dependencies, no others,
 * as links to those that are installed here.
 */
function installedProject(name: string, manifest: object): string {
  const project = join(folder, name)
  const modules = join(project, 'node_modules')
  const installed = join(modules, 'forgebench')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1'])
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
  for (const dependency of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true })
    symlinkSync(join(root, 'node_modules', dependency), join(modules, dependency))
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, private: true, ...manifest }))
  mkdirSync(join(project, 'bench'))
  writeFileSync(join(project, 'bench', 'tiny.ts'), tinyScenario)
  writeFileSync(join(project, 'bench', 'load.ts'), profile)
  return project
}

describe.each([
  ['ESM', { type: 'module' }],
  ['CommonJS', {}],
])('installed into an empty %s project', (name, manifest: object) => {
  let project = ''
  beforeAll(() => {
    project = installedProject(name, manifest)
  })

  const run = (args: string): Promise<Ended> =>
    forgebench(args.split(' '), {
      cwd: project,
      cli: join(project, 'node_modules/forgebench/dist/cli.js'),
      env: { FORGEBENCH_CACHE: sharedCache },
    })
  const scale = '--scale 0.01 --max-seconds 1'

  test('it is imported by its name', () => {
    const script = "import('forgebench').then((door) => console.log(Object.keys(door).sort().join()))"
    const printed = execFileSync(process.execPath, ['--eval', script], { cwd: project, encoding: 'utf8' })
    expect(printed).toBe('defineConfig,defineDataset,defineLoadProfile,defineScenario,defineSweep\n')
  })

  test('it runs, gates and loads what the project defines', async () => {
    const sides = '--baseline variant:baseline --candidate variant:composite --operations Q1'
    for (const [command, codes, shown] of [
      [`run ./bench/tiny.ts ${scale} --rounds 1 --slice-ms 8`, [0, 3], 'newest of a user'],
      [`gate compare ./bench/tiny.ts ${scale} ${sides} --operation-ms 30`, [0, 1, 3], 'Q1'],
      [
        `load --url ${server.url} --profile ./bench/load.ts --rate 50 --duration 1 --no-floor`,
        [0, 3, 4],
        'get 100 %',
      ],
    ] as const) {
      const { status, stdout, stderr } = await run(command)
      expect(codes, stdout + stderr).toContain(status)
      expect(stdout).toContain(shown)
    }
  })
})
