/**
 * The command `npm run validate:gate`: judges the recorded gates with today's rule, simulates others from their rounds, and
 * writes the tables and the dose curve.
 */
import { writeFile } from 'node:fs/promises'
import { gateSettings } from '../../src/engine/gate/gate-settings.ts'
import { readRecords } from './records/record-files.ts'
import { refuseOtherSampling } from './records/recorded-sampling.ts'
import { doseCurve } from './resample/dose-curve.ts'
import { resampledGates } from './resample/resampled-gates.ts'
import { gateTables } from './tables/gate-tables.ts'

const folder = 'reports/validation'
/** Simulated gates a cell. */
const simulated = 6000

refuseOtherSampling()
const records = await readRecords()
const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })
process.stdout.write(`${records.length} records; simulating ${simulated} gates a cell\n`)
const resampled = resampledGates(records, simulated, rule)
await writeFile(`${folder}/gate.md`, gateTables(records, resampled, rule))
await writeFile(`${folder}/gate-doses.svg`, doseCurve(resampled.fromAll))
process.stdout.write(`wrote ${folder}/gate.md and gate-doses.svg\n`)
