/**
 * What load tools say of a server whose delays are known, beside the truth. Usage:
 * `npm run bench:load:truth -- [--seconds 10] [--repetitions 3] [--rate 400] [--case stall] [--out reports/load]`
 */
import { parseArgs } from 'node:util'
import { publish, versionsOf } from '../bench-report.ts'
import { startCCalibration } from '../calibration/c-calibration.ts'
import { startCalibration } from '../calibration/calibration-process.ts'
import { measureTool, type ToolRun } from '../measure-tool.ts'
import { watchOtherWork } from '../other-work.ts'
import { say } from '../progress.ts'
import { truthCases } from './truth-cases.ts'
import { truthGoals } from './truth-goals.ts'
import { latencyTable, lossTable, type TruthResult } from './truth-table.ts'
import { truthEntries } from './truth-tools.ts'

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
const calibration = (await startCCalibration()) ?? (await startCalibration())
const runs = new Map<string, ToolRun[]>()
const runsOf = (caseId: string, entry: number): ToolRun[] => {
  const key = `${caseId} ${entry}`
  const known = runs.get(key) ?? []
  runs.set(key, known)
  return known
}
try {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const { id, behaviour } of cases) {
      for (let turn = 0; turn < entries.length; turn++) {
        // Another order each time, so that nobody is always the one after k6.
        const place = (turn + repetition) % entries.length
        const { tool, connections, keepsRate } = entries[place]!
        say(`truth: ${id}, ${tool.name} with ${connections}, repetition ${repetition + 1} of ${repetitions}`)
        const load = {
          seconds: schedule.seconds,
          ratePerSec: keepsRate ? schedule.ratePerSec : null,
          connections,
        }
        runsOf(id, place).push(await measureTool(tool, load, behaviour, calibration))
      }
    }
  }
} finally {
  await calibration.stop()
}

const resultsOf = (caseId: string): readonly TruthResult[] =>
  entries.map((entry, place) => ({ entry, runs: runsOf(caseId, place) }))

await publish(
  {
    name: 'truth',
    title: 'Load tools beside the truth',
    command: 'npm run bench:load:truth',
    otherWork: otherWork(),
    versions: versionsOf(all.map(({ tool }) => tool)),
    sections: [
      `Each tool was asked for ${schedule.ratePerSec} requests/s for ${schedule.seconds} s (wrk knows no rate), ${repetitions} repetitions in turns; medians [smallest, largest].\n` +
        '«server» is what the calibration server recorded from arrival to answer of the requests that came. «schedule» is what\n' +
        'the asked arrivals must see (arithmetic): a tool that waits for answers does not send the others, so both differ in a stall.\n' +
        'open says response times, from the intended start. wrk and autocannon «correct» theirs afterwards.',
      ...cases.map((truthCase) =>
        truthCase.id === 'closing'
          ? lossTable(truthCase, resultsOf(truthCase.id))
          : latencyTable(truthCase, schedule, resultsOf(truthCase.id)),
      ),
    ],
    goals: truthGoals(cases, schedule, resultsOf),
  },
  values.out,
)
