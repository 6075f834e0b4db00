import { setTimeout } from 'node:timers/promises'
import { decodeLatencies, latencyQuantileNs, type LatencyCounts } from '../../src/stats/latency-counts.ts'
import type { Behaviour } from './calibration/behaviour.ts'
import type { CalibrationProcess } from './calibration/calibration-process.ts'
import type { Truth } from './calibration/truth-log.ts'
import type { LoadTool, ToolLoad, ToolReport } from './rivals/load-tool.ts'
import { runTimed, type TimedResult } from './rivals/timed-process.ts'

/** One run of one tool: what it says, what it cost, and what really happened. */
export interface ToolRun {
  readonly report: ToolReport
  readonly result: TimedResult
  readonly truth: Truth
  /** From arrival to answer, as the server recorded it. */
  readonly answers: LatencyCounts
  /** By `monotonicMs`. */
  readonly arrivalsMs: Float64Array
}

/** A tool that does not end by itself so long after its load has not understood it. */
const graceSeconds = 60
const settleTries = 50

/** @throws Error when the tool fails, or prints what cannot be read */
export async function measureTool(
  tool: LoadTool,
  load: Omit<ToolLoad, 'url'>,
  behaviour: Behaviour,
  calibration: CalibrationProcess,
): Promise<ToolRun> {
  await calibration.behave(behaviour)
  const command = tool.command({ ...load, url: calibration.url })
  const result = await runTimed(command, load.seconds + graceSeconds)
  const report = tool.read(result)
  const truth = await settledTruth(calibration)
  return {
    report,
    result,
    truth,
    answers: decodeLatencies(truth.answers),
    arrivalsMs: await calibration.arrivalsMs(),
  }
}

/** The truth once nothing is under way any more: a tool may leave while the server still holds an answer back. */
async function settledTruth(calibration: CalibrationProcess): Promise<Truth> {
  let truth = await calibration.truth()
  for (let tries = 0; truth.pending > 0 && tries < settleTries; tries++) {
    await setTimeout(100)
    truth = await calibration.truth()
  }
  return truth
}

export const serverQuantileMs = ({ answers }: Pick<ToolRun, 'answers'>, q: number): number =>
  latencyQuantileNs(answers, q) / 1e6
