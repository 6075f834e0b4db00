import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { estimatorTables } from './estimator-tables.ts'
import { cellName, estimatorCells, simulateCell, type EstimatorResult } from './simulate-estimators.ts'

/** Simulated comparisons a cell. */
const simulations = Number(process.argv[2] ?? 300)
const folder = 'reports/validation'
const cache = join('node_modules', '.cache', 'forgebench', `estimators-${simulations}.jsonl`)

interface CachedCell {
  readonly cell: string
  readonly results: readonly EstimatorResult[]
}

/** Cells that an interrupted run finished; a line that was cut off is none. */
async function finishedCells(): Promise<ReadonlyMap<string, readonly EstimatorResult[]>> {
  const text = existsSync(cache) ? await readFile(cache, 'utf8') : ''
  const lines = text.split('\n').slice(0, -1)
  return new Map(
    lines.map((line) => {
      const { cell, results } = JSON.parse(line) as CachedCell
      return [cell, results]
    }),
  )
}

await mkdir(join(cache, '..'), { recursive: true })
const known = await finishedCells()
const results: EstimatorResult[] = []
const cells = estimatorCells()
for (const [place, each] of cells.entries()) {
  const name = cellName(each)
  const found = known.get(name) ?? simulateCell(each, simulations)
  if (!known.has(name)) {
    const line: CachedCell = { cell: name, results: found }
    await appendFile(cache, `${JSON.stringify(line)}\n`)
    process.stdout.write(`${place + 1} of ${cells.length}: ${name}\n`)
  }
  results.push(...found)
}
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'estimators.md'), estimatorTables(results))
process.stdout.write(`wrote ${join(folder, 'estimators.md')}\n`)
