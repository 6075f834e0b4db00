/**
 * The command `npm run torture`: kills, full disks, jumping clocks and damaged caches against the built command line.
 * Every trial is a line of reports/validation/torture.jsonl; those that held are not made again, so that it goes on where
 * it stopped. The table is written from the lines. `--kind <text>` makes only kinds whose name holds the text, `--seed <n>`
 * only that seed, anew and without a record; `--max-seconds <n>` begins no trial after that time.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { kinds } from './kinds.ts'
import { appendJsonLine } from '../text/json-lines.ts'
import { readRecords, type TrialRecord } from './records.ts'
import { tortureTable } from './torture-table.ts'
import type { Outcome, TrialKind } from './trial.ts'
import { tryTrial } from './try-trial.ts'

const file = 'reports/validation/torture.jsonl'
const page = 'reports/validation/torture.md'

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: '' },
    seed: { type: 'string' },
    'max-seconds': { type: 'string', default: 'Infinity' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const deadlineMs = performance.now() + Number(values['max-seconds']) * 1000
let isStopping = false
process.once('SIGINT', () => {
  isStopping = true
  say('stopping after this trial')
})

const chosen = kinds.filter(({ name }) => name.includes(values.kind))
if (values.seed !== undefined) await again(chosen, Number(values.seed))
else {
  await makeTrials(chosen)
  writeTable()
}

/** A trial that was made before, to look into: its folder is kept when a promise is broken. */
async function again(chosen: readonly TrialKind[], seed: number): Promise<void> {
  for (const kind of chosen) {
    const trial = kind.trial(seed)
    const outcome = await tryTrial(trial, (root) => say(`kept ${root}`))
    say(`${kind.name} ${JSON.stringify(trial.parameters)}: ${told(outcome)}`)
  }
}

async function makeTrials(chosen: readonly TrialKind[]): Promise<void> {
  const held = readRecords(file).filter(({ outcome }) => outcome.status === 'held')
  const made = new Set(held.map(({ kind, seed }) => `${kind} ${seed}`))
  const commit = execFileSync('git', ['describe', '--always', '--abbrev=7'], { encoding: 'utf8' }).trim()
  for (const kind of chosen) {
    const missing = await kind.missing?.()
    if (missing !== undefined) {
      say(`${kind.name}: skipped, ${missing}`)
      continue
    }
    for (let seed = 1; seed <= kind.trials; seed++) {
      if (made.has(`${kind.name} ${seed}`)) continue
      if (isStopping || performance.now() > deadlineMs) return say('paused; the same command goes on')
      await makeTrial(kind, seed, commit)
    }
  }
}

async function makeTrial(kind: TrialKind, seed: number, commit: string): Promise<void> {
  const trial = kind.trial(seed)
  const startMs = performance.now()
  const outcome = await tryTrial(trial)
  const ms = Math.round(performance.now() - startMs)
  const { parameters } = trial
  const here = { commit, node: process.version, platform: process.platform }
  const record: TrialRecord = { kind: kind.name, seed, parameters, outcome, ms, ...here }
  appendJsonLine(file, record)
  say(`${kind.name} ${seed}: ${told(outcome)} (${ms} ms)`)
}

function told(outcome: Outcome): string {
  if (outcome.status === 'held') return outcome.event
  process.exitCode = 1
  return `BROKEN: ${outcome.promise}: ${outcome.evidence}`
}

function writeTable(): void {
  const records = readRecords(file)
  const table = tortureTable(records, kinds)
  const commits = [...new Set(records.map(({ commit }) => commit))].join(', ')
  const text = `# What forgebench keeps when something goes wrong

\`npm run torture\` wrote this from \`torture.jsonl\`, one line a trial, made with the built command line of revision ${commits}. Each trial
has a seed that gives its parameters again: \`npm run torture -- --kind "kill seed" --seed 7\`. Moments are milliseconds after
the command began its work, so that what is under way at a kill differs from machine to machine. The lines keep the trials
that broke a promise before a fix; the table counts the last of each.

${table}
`
  writeFileSync(page, text)
  say(`${table}\n\nwrote ${page}`)
}
