/**
 * What load tools say of a server whose delays are known, beside the truth. Usage:
 * `npm run bench:load:truth -- [--seconds 10] [--repetitions 3] [--out reports/load]`
 */
import { parseArgs } from 'node:util'
import { publish } from '../bench-report.ts'
import type { Calibration } from '../calibration/calibration.ts'
import { measureInTurns } from '../measure-tool.ts'
import { truthCases, truthLoads } from './truth-cases.ts'
import { latencyTable, lossTable } from './truth-table.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    repetitions: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
})
const schedule = { ratePerSec: 400, seconds: Number(values.seconds) }
const repetitions = Number(values.repetitions)
const loads = truthLoads(schedule)

async function measure(calibration: Calibration): Promise<readonly string[]> {
  const sections = [
    `Each tool was asked for ${schedule.ratePerSec} requests/s for ${schedule.seconds} s, ${repetitions} repetitions in turns; medians [smallest, largest].\n` +
      '«server» is what the calibration server recorded from arrival to answer of the requests that came. «schedule» is what\n' +
      'the asked arrivals must see (arithmetic): a tool that waits for answers does not send the others, so both differ in a stall.\n' +
      'open says response times, from the intended start. autocannon «corrects» its own afterwards.',
  ]
  for (const each of truthCases(schedule)) {
    const results = await measureInTurns(loads, repetitions, each.behaviour, calibration)
    sections.push(
      each.behaviour.kind === 'closing' ? lossTable(each, results) : latencyTable(each, schedule, results),
    )
  }
  return sections
}

const tools = loads.map(({ tool }) => tool)
await publish({ name: 'truth', title: 'Load tools beside the truth', tools, measure }, values.out)
