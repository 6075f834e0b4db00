import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { startRecordingServer } from '../../../fixtures/servers/recording-server.ts'
import { scenariosFolder } from '../../scenario/built-in.ts'
import type { LoadPlan } from '../load-plan.ts'
import { findK6 } from './find-k6.ts'
import { flatFilesOf, importsOf } from './flat-files.ts'
import { writeK6Archive } from './k6-archive.ts'
import { k6OperatorManifests, type OperatorOptions } from './operator-manifests.ts'

const k6 = await findK6().catch(() => undefined)

const plan: LoadPlan = {
  url: 'http://127.0.0.1:1',
  profilePath: join(scenariosFolder, 'load', 'prompts-api.ts'),
  dataPath: join(scenariosFolder, 'load', 'prompts-api.data.json'),
  mix: 'full',
  seed: 5,
  model: { kind: 'open-model', ratePerSec: 100, spacing: 'uniform' },
  stages: [{ seconds: 2, fromLevel: 1, toLevel: 1 }],
  warmUpSeconds: 0,
  connections: 8,
  connectRatePerSec: 1000,
  timeoutMs: 2000,
  maxRequests: 10_000,
  workers: 1,
  tokenEnv: null,
}
const thresholds = [
  { metric: 'http_req_duration', expression: 'p(95)<10000' },
  { metric: 'http_reqs', expression: 'count>100' },
]

async function optionsOf(ofPlan: LoadPlan, changes: Partial<OperatorOptions> = {}): Promise<OperatorOptions> {
  const source = { kind: 'files', ...(await flatFilesOf(ofPlan)) } as const
  return { name: 'prompts', parallelism: 2, thresholds, source, ...changes }
}

interface TestRun {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly parallelism: number
    readonly separate: boolean
    readonly args?: readonly string[]
    readonly script: Readonly<Record<string, { readonly name: string; readonly file: string }>>
    readonly runner: {
      readonly image: string
      readonly env: readonly {
        readonly name: string
        readonly value?: string
        readonly valueFrom?: { readonly secretKeyRef: object }
      }[]
      readonly resources: { readonly requests: Readonly<Record<string, string>> }
    }
  }
}
interface ConfigMap {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data: Readonly<Record<string, string>>
}

function parsed(yaml: string): { readonly configMap: ConfigMap; readonly testRun: TestRun } {
  const documents = parseAllDocuments(yaml)
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  const values = documents.map((document) => document.toJS() as { readonly kind: string })
  const of = (kind: string): unknown => values.find((value) => value.kind === kind)
  return { configMap: of('ConfigMap') as ConfigMap, testRun: of('TestRun') as TestRun }
}

const environmentOf = ({ spec }: TestRun): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(spec.runner.env.map(({ name, value }) => [name, value]))

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-operator-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the manifests', () => {
  it('hold what a TestRun needs, with a pinned image and counts of its segments', async () => {
    const { configMap, testRun } = parsed(k6OperatorManifests(plan, await optionsOf(plan)))
    expect(testRun).toMatchObject({
      apiVersion: 'k6.io/v1alpha1',
      kind: 'TestRun',
      metadata: { name: 'prompts' },
      spec: {
        parallelism: 2,
        separate: true,
        script: { configMap: { name: configMap.metadata.name, file: 'prompts-api.k6.ts' } },
        runner: { image: 'grafana/k6:2.2.0', resources: { requests: { cpu: '1' } } },
      },
    })
    expect(Object.keys(configMap.data)).toEqual(
      expect.arrayContaining([
        'prompts-api.k6.ts',
        'prompts-api.ts',
        'prompts-api.data.json',
        'forgebench-k6-script.ts',
        'forgebench-sequence.ts',
      ]),
    )
    expect(environmentOf(testRun)).toMatchObject({
      BASE_URL: plan.url,
      RATE: '100',
      SEED: '5',
      SEGMENTS: '2',
      SUMMARY: 'stdout',
      DATA: './prompts-api.data.json',
      K6_NO_USAGE_REPORT: 'true',
    })
  })

  it('name the secret that holds the token, and never the token', async () => {
    process.env['API_TOKEN'] = 'very-secret'
    const withToken = { ...plan, tokenEnv: 'API_TOKEN' }
    const tokenSecret = { name: 'api', key: 'token' }
    const yaml = k6OperatorManifests(withToken, await optionsOf(withToken, { tokenSecret }))
    delete process.env['API_TOKEN']
    expect(yaml).not.toContain('very-secret')
    const token = parsed(yaml).testRun.spec.runner.env.find(({ name }) => name === 'API_TOKEN')
    expect(token?.valueFrom?.secretKeyRef).toEqual(tokenSecret)
    const options = await optionsOf(withToken)
    expect(() => k6OperatorManifests(withToken, options)).toThrow(/token from a secret/)
  })

  it('hand on further arguments of k6', async () => {
    const args = ['--out', 'influxdb=http://influx:8086/k6']
    const { testRun } = parsed(k6OperatorManifests(plan, await optionsOf(plan, { args })))
    expect(testRun.spec.args).toEqual(args)
  })

  it('are refused for more pods than connections, bad names, and files that no ConfigMap can hold', async () => {
    const options = await optionsOf(plan)
    expect(() => k6OperatorManifests(plan, { ...options, parallelism: 9 })).toThrow(/8 connections/)
    expect(() => k6OperatorManifests(plan, { ...options, name: 'My Load' })).toThrow(/no name for a TestRun/)
    const large = { ...(await flatFilesOf(plan)), kind: 'files' } as const
    const source = { ...large, files: { ...large.files, 'more.json': 'ä'.repeat(524_288) } }
    expect(() => k6OperatorManifests(plan, { ...options, source })).toThrow(/1048576; write an archive/)
  })
})

describe.skipIf(k6 === undefined)('the files of the manifests (needs k6)', () => {
  it('run unchanged from an empty folder, each pod with its share', async () => {
    const server = await startRecordingServer()
    try {
      const here = { ...plan, url: server.url, connections: 60 }
      const { configMap, testRun } = parsed(k6OperatorManifests(here, await optionsOf(here)))
      for (const [name, text] of Object.entries(configMap.data)) await writeFile(join(folder, name), text)
      const pods = ['0:1/2', '1/2:1'].map((segment) => [
        '--execution-segment',
        segment,
        '--execution-segment-sequence',
        '0,1/2,1',
      ])
      const script = testRun.spec.script['configMap']?.file ?? ''
      const outputs = await Promise.all(
        pods.map((segment) =>
          promisify(execFile)(k6?.path ?? '', ['run', '--quiet', ...segment, script], {
            cwd: folder,
            env: { PATH: process.env['PATH'], ...environmentOf(testRun) },
          }),
        ),
      )
      for (const { stdout } of outputs) {
        expect(stdout).toContain('✓ http_reqs{phase:measured} count>50')
        expect(stdout).toMatch(/^forgebench-summary \S+ 1\/\d+ \{/m)
      }
      const indexes = server.requests.map(({ index }) => index).toSorted((a, b) => (a ?? 0) - (b ?? 0))
      expect(indexes).toEqual(indexes.map((_, i) => i))
      expect(indexes.length).toBeGreaterThanOrEqual(200)
    } finally {
      await server.close()
    }
  })

  it('run from an archive, which holds all settings', async () => {
    const server = await startRecordingServer()
    try {
      const path = join(folder, 'load.tar')
      await writeK6Archive(
        { ...plan, url: server.url, connections: 60 },
        { path, parallelism: 1, thresholds },
      )
      expect((await stat(path)).size).toBeGreaterThan(0)
      expect(await readFile(path, 'latin1')).not.toContain(process.env['HOME'] ?? 'no home')
      const { stdout } = await promisify(execFile)(k6?.path ?? '', ['run', '--quiet', path], {
        cwd: folder,
        env: {},
      })
      expect(stdout).toContain('✓ http_reqs{phase:measured} count>100')
      expect(server.requests.length).toBeGreaterThanOrEqual(200)
    } finally {
      await server.close()
    }
    const source = { kind: 'archive', volumeClaim: 'loads', file: 'load.tar' } as const
    const { testRun, configMap } = parsed(k6OperatorManifests(plan, await optionsOf(plan, { source })))
    expect(configMap).toBeUndefined()
    expect(testRun.spec.script).toEqual({ volumeClaim: { name: 'loads', file: 'load.tar' } })
  })
})

describe('files side by side', () => {
  it('take in what a profile imports, and refuse what lies elsewhere', async () => {
    const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)
    await write(
      'mine.ts',
      "import type { LoadProfile } from 'forgebench'\nimport { path } from './paths.ts'\n",
    )
    await write('paths.ts', "export * from './more.ts'\n")
    await write('more.ts', 'export const path = 1\n')
    await write('rows.json', '{}')
    const mine = { ...plan, profilePath: join(folder, 'mine.ts'), dataPath: join(folder, 'rows.json') }
    const { script, data, files } = await flatFilesOf(mine)
    expect([script, data]).toEqual(['mine.k6.ts', 'rows.json'])
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['mine.ts', 'paths.ts', 'more.ts']))

    await write('more.ts', "import '../elsewhere.ts'\n")
    await expect(flatFilesOf(mine)).rejects.toThrow(/does not lie beside it; write an archive/)
    await write('more.ts', "import { defineLoadProfile } from 'forgebench'\n")
    await expect(flatFilesOf(mine)).rejects.toThrow(/k6 cannot import forgebench/)
    await write('more.ts', '')
    await write('forgebench-sequence.ts', '// mine')
    await write('paths.ts', "import './forgebench-sequence.ts'\n")
    await expect(flatFilesOf(mine)).rejects.toThrow(/two different files are named forgebench-sequence.ts/)
  })

  it('see imports in all their forms, and none of types', () => {
    const text = `import a from './a.ts'
import { b,
  c } from "./b.ts"
import './c.ts'
export { d } from './d.ts'
import type { E } from './e.ts'
import { type F, type G } from './f.ts'
const text = 'import x from "./g.ts"'
`
    expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts'])
  })
})
