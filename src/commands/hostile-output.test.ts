import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { printedHere } from '../../fixtures/cli/printed-here.ts'
import { runnerCommands } from '../../fixtures/hostile-text.ts'
import { tinyScenario } from '../../fixtures/cli/tiny-scenario.ts'
import { sampleGateRun } from '../../fixtures/runs/sample-gate-run.ts'

/** What a terminal obeys: an escape, a bell, a text that runs backwards; and what a log of GitHub obeys. */
const hostile = '\u001b]0;owned\u0007\u202e\n::error::boo'
const source = JSON.stringify(hostile)

const printed = printedHere()

function expectHarmless(text: string): void {
  // Markdown has backslashes of its own.
  expect(text.replaceAll('\\', '')).toContain('x1b]0;ownedx07u202e')
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u)
  expect(runnerCommands(text)).toEqual([])
}

/** What a command prints, with how it fails. */
async function told(args: readonly string[], files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(name, '..'), { recursive: true })
    writeFileSync(name, text)
  }
  return printed(args)
}

const scenario = tinyScenario.replace(/title: 'Does [^\n]*'/, `title: ${source}`)
const profile = `export default {
  title: ${source}, why: 'A test.',
  requests: [{ id: 'root', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
  mixes: { all: { root: 1 } }, thresholds: {},
}
`
const migration = {
  'migrations/odd/migration.json': JSON.stringify({
    id: 'odd',
    dependsOn: ['initial'],
    claims: [],
    why: 'w',
  }),
  'migrations/odd/up.sql': `CREATE TABLE odd (x TEXT DEFAULT '${hostile}');`,
  'migrations/odd/down.sql': 'DROP TABLE odd;',
}

test.each<readonly [readonly string[], Readonly<Record<string, string>>]>([
  [['list', './own.ts'], { 'own.ts': scenario }],
  [['list', './own.ts'], { 'own.ts': profile }],
  [['list', './own.ts'], { 'own.ts': `throw new Error(${source}.replaceAll('\\n', ' '))\n` }],
  [['migrate', 'up', 'initial', 'odd', '--dry-run', '--db', 'new.db'], migration],
])('forgebench %j shows what a file of somebody else holds, and obeys none of it', async (args, files) => {
  expectHarmless(await told(args, files))
})

test('so do the summary of a job and its annotations', async () => {
  const run = sampleGateRun()
  const named = { ...run, cutShort: hostile, candidate: { ...run.candidate, spec: hostile } }
  vi.stubEnv('GITHUB_ACTIONS', 'true')
  vi.stubEnv('GITHUB_STEP_SUMMARY', 'summary.md')
  const said = await told(['gate', 'judge', 'run.json'], { 'run.json': JSON.stringify(named) })
  expectHarmless(said.replaceAll(/^::(?:error|warning|notice) title=/gm, ''))
  expectHarmless(readFileSync('summary.md', 'utf8'))
})
