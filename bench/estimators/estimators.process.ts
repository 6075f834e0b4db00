import { writeFile } from 'node:fs/promises'
import { estimatorTables } from './estimator-tables.ts'
import { cellName, estimatorCells, simulateCell } from './simulate-estimators.ts'

/** The command `npm run validate:estimators`: bias and coverage of the estimators, by so many simulated comparisons a cell. */
const simulations = Number(process.argv[2] ?? 300)
const file = 'reports/validation/estimators.md'

const cells = estimatorCells()
const results = cells.flatMap((each, place) => {
  process.stdout.write(`${place + 1} of ${cells.length}: ${cellName(each)}\n`)
  return simulateCell(each, simulations)
})
await writeFile(file, estimatorTables(results))
process.stdout.write(`wrote ${file}\n`)
