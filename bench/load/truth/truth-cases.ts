import type { Behaviour } from '../calibration/behaviour.ts'
import type { AskedSchedule } from '../calibration/expected.ts'
import type { PlannedLoad } from '../measure-tool.ts'
import { autocannon } from '../rivals/autocannon.ts'
import { openTool } from '../rivals/forgebench.ts'
import { k6 } from '../rivals/k6.ts'

export interface TruthCase {
  readonly title: string
  readonly behaviour: Behaviour
}

const open = openTool()
const stallMs = 3000

/** What the calibration server does in the runs that compare tools with the truth. */
export function truthCases({ seconds }: AskedSchedule): readonly TruthCase[] {
  const fromMs = Math.max(0, (seconds * 1000 - stallMs) / 2)
  return [
    { title: 'Every answer after 20 ms', behaviour: { kind: 'fixed', delayMs: 20 } },
    {
      title: 'Nine answers in ten after 5 ms, one after 80 ms',
      behaviour: { kind: 'bimodal', fastMs: 5, slowMs: 80, slowEvery: 10 },
    },
    {
      title:
        'Answers after 5 ms, and a stall of 3 s in the middle: what arrives in it is answered at its end',
      behaviour: { kind: 'stall', delayMs: 5, fromMs, untilMs: fromMs + stallMs },
    },
    {
      title: 'Answers after 5 ms; one connection in ten is closed instead, without an answer',
      behaviour: { kind: 'closing', delayMs: 5, closeEvery: 10 },
    },
  ]
}

/** More than the answers under way at the mean, as people choose it who know the mean. */
const few = 40

/** Every tool with few connections, and those that open more at need with more than arrive in the longest stall. */
export const truthLoads = (schedule: AskedSchedule): readonly PlannedLoad[] =>
  (
    [
      [open, few],
      [open, schedule.ratePerSec * 4],
      [k6, few],
      [k6, schedule.ratePerSec * 4],
      [autocannon, few],
    ] as const
  ).map(([tool, connections]) => ({ ...schedule, tool, connections }))
