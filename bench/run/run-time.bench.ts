/** How long `forgebench run` takes with nothing cached, and again with the cache it left; one run each a repetition. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repetitions = Number(process.argv[2] ?? 1)
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const budgetsSeconds = { 'nothing cached': 150, cached: 150 } as const

function seconds(cache: string, reports: string): number {
  const startMs = performance.now()
  const { status } = spawnSync(process.execPath, [cli, 'run', '--out', reports], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, FORGEBENCH_CACHE: cache },
  })
  if (status !== 0) throw new Error(`forgebench run ended with ${status}`)
  return (performance.now() - startMs) / 1000
}

const lines: string[] = []
for (let repetition = 1; repetition <= repetitions; repetition++) {
  const folder = mkdtempSync(join(tmpdir(), 'run-time-'))
  try {
    for (const [state, budget] of Object.entries(budgetsSeconds)) {
      const took = seconds(join(folder, 'cache'), join(folder, 'reports'))
      lines.push(
        `  ${state.padEnd(15)} ${took.toFixed(1)} s, ratio to the budget of ${budget} s: ${(took / budget).toFixed(2)}`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
process.stdout.write(`run: whole process of «forgebench run»\n${lines.join('\n')}\n`)
