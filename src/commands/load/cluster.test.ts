import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { buildOnce, type Ended } from '../../../fixtures/cli/forgebench.ts'
import { forgebenchHere } from '../../../fixtures/cli/in-process.ts'
import { podSummaryOf, type PodRequest } from '../../../fixtures/load/pod-run.ts'

const cwd = mkdtempSync(join(tmpdir(), 'forgebench-cluster-'))
const load = (...args: readonly string[]): Promise<Ended> => forgebenchHere(['load', ...args], { cwd })

beforeAll(buildOnce)
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('forgebench load k6-operator', () => {
  const args = ['k6-operator', '--url', 'https://staging.invalid', '--rate', '900']

  test('writes manifests to stdout or a file, for any host, and sends nothing', async () => {
    const { status, stdout, stderr } = await load(...args, '--parallelism', '3', '--', '--tag', 'run=1')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [configMap, testRun] = parseAllDocuments(stdout).map((document) => document.toJS() as object)
    expect(configMap).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'forgebench-load' } })
    expect(testRun).toMatchObject({ kind: 'TestRun', spec: { parallelism: 3, args: ['--tag', 'run=1'] } })
    await load(...args, '--parallelism', '3', '--out', 'load.yaml', '--', '--tag', 'run=1')
    expect(readFileSync(join(cwd, 'load.yaml'), 'utf8')).toBe(stdout)
  })

  test.each([
    [['--engine', 'k6'], "unknown option '--engine'"],
    [['--ca-file', 'ca.pem'], "unknown option '--ca-file'"],
    [['--archive', 'load.tar'], '--archive and --volume-claim go together'],
    [['--auth-token-env', 'TOKEN'], 'pods read the token from a secret of the cluster; name it'],
    [['--auth-token-env', 'TOKEN', '--token-secret', 'a b'], '--token-secret takes the name of a secret'],
    [['--name', 'Not_Good'], 'Not_Good is no name for a TestRun'],
  ])('%j is refused with the fix', async (more, message) => {
    const { status, stdout, stderr } = await load(...args, ...more)
    expect(stderr).toMatch(/^forgebench: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  })
})

describe('forgebench load collect', () => {
  test('makes one Run with one verdict of the summaries of all pods', async () => {
    const requests = Array.from({ length: 300 }, (_, i): PodRequest => ({
      op: i % 4 === 0 ? 'create' : 'list',
      ms: 10 + (i % 9),
    }))
    for (const [pod, segment] of ['0:1/2', '1/2:1'].entries()) {
      writeFileSync(join(cwd, `pod-${pod}.json`), JSON.stringify(podSummaryOf({ requests, segment })))
    }
    const { stdout, stderr } = await load('collect', 'pod-0.json', 'pod-1.json', '--out', 'collected')
    const [folder = ''] = readdirSync(join(cwd, 'collected'))
    expect(stderr).toContain(join('collected', folder, 'run.json'))
    expect(stdout).toMatch(/600/)
    const alone = await load('collect', 'pod-0.json')
    expect(alone).toMatchObject({ status: 4, stdout: '' })
    expect(alone.stderr).toMatch(/^forgebench: [^\n]+\n$/)
  })
})
