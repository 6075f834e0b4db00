/**
 * What load tools say of a server whose delays are known, beside the truth. Usage:
 * `npm run bench:load:truth -- [--seconds 10] [--repetitions 3] [--rate 400] [--case stall] [--out reports/load]`
 */
import { parseArgs } from 'node:util'
import { publish, versionsOf } from '../bench-report.ts'
import { startCalibration } from '../calibration/calibration.ts'
import { measureInTurns } from '../measure-tool.ts'
import { watchOtherWork } from '../other-work.ts'
import { truthCases, truthEntries } from './truth-cases.ts'
import { latencyTable, lossTable, type TruthResult } from './truth-table.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    repetitions: { type: 'string', default: '3' },
    rate: { type: 'string', default: '400' },
    case: { type: 'string', multiple: true },
    out: { type: 'string' },
  },
})
const schedule = { ratePerSec: Number(values.rate), seconds: Number(values.seconds) }
const repetitions = Number(values.repetitions)
const cases = truthCases(schedule).filter(({ id }) => values.case?.includes(id) ?? true)
const all = truthEntries(schedule.ratePerSec * 4)
const entries = all.filter(({ tool }) => tool.version() !== null)

const otherWork = watchOtherWork()
const calibration = await startCalibration()
const resultsOf = new Map<string, readonly TruthResult[]>()
try {
  for (const { id, behaviour } of cases) {
    const loads = entries.map((entry) => ({
      ...schedule,
      ...entry,
      title: `truth: ${id}, ${entry.tool.name}`,
    }))
    const runs = await measureInTurns(loads, repetitions, behaviour, calibration)
    resultsOf.set(
      id,
      entries.map((entry, place) => ({ entry, runs: runs[place] ?? [] })),
    )
  }
} finally {
  await calibration.stop()
}

await publish(
  {
    name: 'truth',
    title: 'Load tools beside the truth',
    command: 'npm run bench:load:truth',
    otherWork: otherWork(),
    versions: versionsOf(all.map(({ tool }) => tool)),
    sections: [
      `Each tool was asked for ${schedule.ratePerSec} requests/s for ${schedule.seconds} s, ${repetitions} repetitions in turns; medians [smallest, largest].\n` +
        '«server» is what the calibration server recorded from arrival to answer of the requests that came. «schedule» is what\n' +
        'the asked arrivals must see (arithmetic): a tool that waits for answers does not send the others, so both differ in a stall.\n' +
        'open says response times, from the intended start. autocannon «corrects» its own afterwards.',
      ...cases.map((each) => {
        const results = resultsOf.get(each.id) ?? []
        return each.id === 'closing' ? lossTable(each, results) : latencyTable(each, schedule, results)
      }),
    ],
  },
  values.out,
)
