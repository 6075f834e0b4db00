/**
 * What senders do with a CPU-second, against one server that does nothing, in turns. Usage:
 * `npm run bench:load:speed -- [--seconds 10] [--repetitions 5] [--out reports/load]`
 */
import { parseArgs } from 'node:util'
import { checkLimits, readLimits } from '../../../src/load/target/limits.ts'
import { publish } from '../bench-report.ts'
import type { Calibration } from '../calibration/calibration.ts'
import { measureInTurns } from '../measure-tool.ts'
import { crowdText, latenessTable, speedTable } from './speed-table.ts'
import { crowd, speedLoads } from './speed-tools.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    repetitions: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const crowds = 3
const loads = speedLoads(seconds)

async function measure(calibration: Calibration): Promise<readonly string[]> {
  const behaviour = { kind: 'null' } as const
  const results = await measureInTurns(loads, Number(values.repetitions), behaviour, calibration)
  const crowded = await measureInTurns([{ ...crowd, seconds }], crowds, behaviour, calibration)
  return [
    `GET / on the same null server, ${seconds} s each, ${values.repetitions} repetitions in turns; medians [smallest, largest].\n` +
      'User and system time of all processes of the sender, requests counted by the server: without the first 2 s, and over all.\n' +
      `Arrivals over 100 connections (k6: VUs), closed loops over 50.\n\n${speedTable(results)}`,
    `How late requests leave (i-th due i / rate after the start, without the first 2 s)\n${latenessTable(results)}`,
    ...crowded.map(crowdText),
  ]
}

checkLimits({ connections: crowd.connections, workers: 1 }, await readLimits())
const tools = loads.map(({ tool }) => tool)
await publish({ name: 'speed', title: 'What senders do with a CPU-second', tools, measure }, values.out)
