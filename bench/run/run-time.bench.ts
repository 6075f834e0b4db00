/** How long `forgebench run` takes with nothing cached, and again with the cache it left; one run each a repetition. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { timedRun } from './timed-run.ts'

const repetitions = Number(process.argv[2] ?? 1)
const budgetSeconds = 150

const lines: string[] = []
for (let repetition = 1; repetition <= repetitions; repetition++) {
  const folder = mkdtempSync(join(tmpdir(), 'run-time-'))
  try {
    for (const state of ['nothing cached', 'cached']) {
      const took = timedRun(['--out', join(folder, 'reports')], { FORGEBENCH_CACHE: join(folder, 'cache') })
      lines.push(
        `  ${state.padEnd(15)} ${took.toFixed(1)} s, ratio to the budget of ${budgetSeconds} s: ${(took / budgetSeconds).toFixed(2)}`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.stdout.write(`run: whole process of «forgebench run»\n${lines.join('\n')}\n`)
