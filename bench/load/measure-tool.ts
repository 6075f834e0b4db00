import { setTimeout } from 'node:timers/promises'
import { say } from './bench-report.ts'
import type { Behaviour } from './calibration/behaviour.ts'
import type { Calibration, Truth } from './calibration/calibration.ts'
import type { LoadTool, ToolLoad, ToolReport } from './rivals/load-tool.ts'
import { runTimed, type TimedResult } from './rivals/timed-process.ts'

/** One run of one tool: what it says, what it cost, and what really happened. */
export interface ToolRun {
  readonly report: ToolReport
  readonly result: TimedResult
  readonly truth: Truth
}

/** What one tool is asked to do. */
export interface PlannedLoad extends Omit<ToolLoad, 'url'> {
  readonly tool: LoadTool
}

/** All repetitions of a load. */
export interface MeasuredLoad extends PlannedLoad {
  readonly runs: readonly ToolRun[]
}

/**
 * Runs each load so many times, in another order each time, so that nobody is always the one after k6. Those of tools that
 * are not installed are left out.
 * @throws Error when a tool fails, or prints what cannot be read
 */
export async function measureInTurns(
  planned: readonly PlannedLoad[],
  repetitions: number,
  behaviour: Behaviour,
  calibration: Calibration,
): Promise<readonly MeasuredLoad[]> {
  const loads = planned
    .filter(({ tool }) => tool.version() !== null)
    .map((load) => ({ ...load, runs: [] as ToolRun[] }))
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (let turn = 0; turn < loads.length; turn++) {
      const load = loads[(turn + repetition) % loads.length]!
      say(`${load.tool.name}, ${load.connections} connections, ${repetition + 1} of ${repetitions}`)
      load.runs.push(await measureTool(load, behaviour, calibration))
    }
  }
  return loads
}

/** A tool that does not end by itself so long after its load has not understood it. */
const graceSeconds = 60
const settleTries = 50

async function measureTool(
  { tool, seconds, ratePerSec, connections }: PlannedLoad,
  behaviour: Behaviour,
  calibration: Calibration,
): Promise<ToolRun> {
  await calibration.behave(behaviour)
  const result = await runTimed(
    tool.command({ url: calibration.url, seconds, ratePerSec, connections }),
    seconds + graceSeconds,
  )
  const report = tool.read(result)
  let truth = await calibration.truth()
  // A tool may leave while the server still holds an answer back.
  for (let tries = 0; truth.pending > 0 && tries < settleTries; tries++) {
    await setTimeout(100)
    truth = await calibration.truth()
  }
  return { report, result, truth }
}
