/**
 * What senders do with a CPU-second, against one server that does nothing, in turns. Usage:
 * `npm run bench:load:speed -- [--seconds 10] [--repetitions 5] [--crowds 3] [--out reports/load]`
 */
import { parseArgs } from 'node:util'
import { formatBytes } from '../../../src/core/number-format.ts'
import { checkLimits, readLimits } from '../../../src/load/limits.ts'
import { publish, versionsOf } from '../bench-report.ts'
import { startCalibration } from '../calibration/calibration-process.ts'
import { measureTool, type ToolRun } from '../measure-tool.ts'
import { watchOtherWork } from '../other-work.ts'
import { say } from '../progress.ts'
import { speedGoals } from './speed-goals.ts'
import {
  latenessTable,
  nameOf,
  peakRssBytes,
  speedSample,
  speedTable,
  type SpeedResult,
} from './speed-table.ts'
import { crowd, speedEntries } from './speed-tools.ts'
import { showSpread, spreadOf } from '../spread.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    repetitions: { type: 'string', default: '5' },
    crowds: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const repetitions = Number(values.repetitions)
const entries = speedEntries.filter(({ tool }) => tool.version() !== null)
checkLimits({ connections: crowd.connections, workers: 1 }, await readLimits())

const otherWork = watchOtherWork()
const nothing = { kind: 'null' } as const
const runs: ToolRun[][] = entries.map(() => [])
const crowds: ToolRun[] = []
const calibration = await startCalibration()
try {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const place = (turn + repetition) % entries.length
      const entry = entries[place]!
      say(`speed: ${nameOf(entry)}, repetition ${repetition + 1} of ${repetitions}`)
      runs[place]!.push(await measureTool(entry.tool, { ...entry, seconds }, nothing, calibration))
    }
  }
  for (let repetition = 0; repetition < Number(values.crowds); repetition++) {
    say(`speed: ${crowd.connections} connections, repetition ${repetition + 1} of ${values.crowds}`)
    crowds.push(await measureTool(crowd.tool, { ...crowd, seconds }, nothing, calibration))
  }
} finally {
  await calibration.stop()
}

const results = entries.map((entry, place): SpeedResult => {
  const own = runs[place]!
  return { entry, runs: own, samples: own.map((run) => speedSample(run, seconds)) }
})
const crowdP99 = spreadOf(crowds.map(({ report }) => report.p99Ms ?? NaN))

await publish(
  {
    name: 'speed',
    title: 'What senders do with a CPU-second',
    command: 'npm run bench:load:speed',
    otherWork: otherWork(),
    versions: versionsOf(speedEntries.map(({ tool }) => tool)),
    sections: [
      `GET / on the same null server, ${seconds} s each, ${repetitions} repetitions in turns; medians [smallest, largest].\n` +
        'User and system time of all processes of the sender, requests counted by the server: without the first 2 s, and over all.\n' +
        `Arrivals over 100 connections (k6: VUs), closed loops over 50.\n\n${speedTable(results)}`,
      `How late requests leave (i-th due i / rate after the start, without the first 2 s)\n${latenessTable(results)}`,
      ...(crowds.length === 0
        ? []
        : [
            `${crowd.connections.toLocaleString('en-US')} connections opened at 2,000/s, then ${crowd.ratePerSec.toLocaleString('en-US')} arrivals/s: ` +
              `P99 ${showSpread(crowdP99, (ms) => `${ms.toFixed(2)} ms`)}, memory ${showSpread(spreadOf(crowds.map(peakRssBytes)), formatBytes)}`,
          ]),
    ],
    goals: speedGoals(results, crowds),
  },
  values.out,
)
