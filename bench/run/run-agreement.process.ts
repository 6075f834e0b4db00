/**
 * Whether two runs of `forgebench run` agree. `verdicts` measures default runs and sets their verdicts side by side;
 * `slices` measures one scenario with slices of other lengths and counts the intervals that do not meet. A run is a process of
 * its own; what was measured stays in a file of records, one JSON line a run, so that the command goes on where it stopped.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseRun } from '../../src/run/read.ts'
import type { Run } from '../../src/run/run.ts'
import { appendJsonLine, readJsonLines } from '../text/json-lines.ts'
import {
  intervalRecord,
  sliceTable,
  verdictRecord,
  verdictTable,
  type IntervalRecord,
  type VerdictRecord,
} from './run-agreement.ts'
import { timedRun } from './timed-run.ts'

const folder = 'reports/validation'
// The first length again at the end is the control: how far two runs of one setting are apart on this machine.
const sliceLengthsMs = [8, 16, 50, 100, 300, 8]

const runs = 10
const mode = process.argv[2]
if (mode === 'verdicts') verdicts()
else if (mode === 'slices') slices()
else throw new Error('say what to measure: verdicts or slices')

function verdicts(): void {
  const file = join(folder, 'run-verdicts.jsonl')
  for (let left = runs - readJsonLines(file).length; left > 0; left--) {
    const { run, seconds } = measure([])
    appendJsonLine(file, verdictRecord(run, seconds))
  }
  const records = readJsonLines(file) as readonly VerdictRecord[]
  write('run-verdicts.md', 'Ten default runs: do their verdicts agree?', [
    `Made by \`npm run validate:runs\` from \`run-verdicts.jsonl\`: \`forgebench run\` one after the other, nothing else beside it, on ${records[0]?.machine ?? ''}. Begun ${records[0]?.startedAt ?? ''}.`,
    verdictTable(records),
  ])
}

function slices(): void {
  const file = join(folder, 'slice-lengths.jsonl')
  const done = readJsonLines(file).length
  for (const sliceMs of sliceLengthsMs.slice(done)) {
    const { run, seconds } = measure(['indexes/composite', '--slice-ms', String(sliceMs)])
    appendJsonLine(file, intervalRecord(run, seconds))
  }
  const records = readJsonLines(file) as readonly IntervalRecord[]
  write('slice-lengths.md', 'Does the length of slices change what is measured?', [
    `Made by \`npm run validate:slices\` from \`slice-lengths.jsonl\`: \`forgebench run indexes/composite --slice-ms N\`, one after the other, on ${records[0]?.machine ?? ''}. 95 % intervals of P50, P95 and of their ratios, over all operations and variants. «All P50»: how much slower the first of the two runs was in the median over operations and variants; «speed taken off»: how many are disjoint when the other run's levels are multiplied by that. The control is the first length, measured once more at the end.`,
    sliceTable(records),
  ])
}

function measure(args: readonly string[]): { readonly run: Run; readonly seconds: number } {
  const out = mkdtempSync(join(tmpdir(), 'run-agreement-'))
  const json = join(out, 'run.json')
  try {
    const seconds = Math.round(timedRun([...args, '--out', out, '--json', json]) * 10) / 10
    const run = parseRun(readFileSync(json, 'utf8'), json)
    if ('kind' in run) throw new Error('not a Run of scenarios')
    return { run, seconds }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

function write(name: string, title: string, parts: readonly string[]): void {
  const path = join(folder, name)
  writeFileSync(path, `# ${title}\n\n${parts.join('\n\n')}\n`)
  process.stdout.write(`${parts.at(-1) ?? ''}\n\nwrote ${path}\n`)
}
