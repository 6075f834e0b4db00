/**
 * What senders do with a CPU-second, against one server that does nothing, in turns. Usage:
 * `npm run bench:load:speed -- [--seconds 10] [--repetitions 5] [--crowds 3] [--out reports/load]`
 */
import { parseArgs } from 'node:util'
import { checkLimits, readLimits } from '../../../src/load/target/limits.ts'
import { publish, versionsOf } from '../bench-report.ts'
import { startCalibration } from '../calibration/calibration.ts'
import { measureInTurns, type ToolRun } from '../measure-tool.ts'
import { watchOtherWork } from '../other-work.ts'
import { crowdText, latenessTable, speedTable, type SpeedResult } from './speed-table.ts'
import { crowd, nameOf, speedEntries } from './speed-tools.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    repetitions: { type: 'string', default: '5' },
    crowds: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const entries = speedEntries.filter(({ tool }) => tool.version() !== null)
checkLimits({ connections: crowd.connections, workers: 1 }, await readLimits())

const otherWork = watchOtherWork()
const calibration = await startCalibration()
const measure = (of: typeof speedEntries, repetitions: number): Promise<readonly (readonly ToolRun[])[]> => {
  const loads = of.map((entry) => ({ ...entry, seconds, title: `speed: ${nameOf(entry)}` }))
  return measureInTurns(loads, repetitions, { kind: 'null' }, calibration)
}
const runs = await measure(entries, Number(values.repetitions))
const [crowds = []] = await measure([crowd], Number(values.crowds))
await calibration.stop()
const results = entries.map((entry, place): SpeedResult => ({ entry, runs: runs[place] ?? [] }))

await publish(
  {
    name: 'speed',
    title: 'What senders do with a CPU-second',
    command: 'npm run bench:load:speed',
    otherWork: otherWork(),
    versions: versionsOf(speedEntries.map(({ tool }) => tool)),
    sections: [
      `GET / on the same null server, ${seconds} s each, ${values.repetitions} repetitions in turns; medians [smallest, largest].\n` +
        'User and system time of all processes of the sender, requests counted by the server: without the first 2 s, and over all.\n' +
        `Arrivals over 100 connections (k6: VUs), closed loops over 50.\n\n${speedTable(results, seconds)}`,
      `How late requests leave (i-th due i / rate after the start, without the first 2 s)\n${latenessTable(results)}`,
      ...(crowds.length === 0 ? [] : [crowdText(crowds, crowd)]),
    ],
  },
  values.out,
)
