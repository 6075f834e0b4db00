import { expect, test } from 'vitest'
import { sampleGateRun } from '../../../fixtures/runs/sample-gate-run.ts'
import { judgeGate } from '../../judge/gate/gate.ts'
import type { GateRun } from '../../run/gate/gate-run.ts'
import { renderTerminal } from '../render/terminal.ts'
import { gateDocument, relativeHead } from './gate-document.ts'

/** The sample, stopped after so many rounds. */
function stoppedAfter(rounds: number): GateRun {
  const run = sampleGateRun()
  const timings = run.scenario.timings.map((timing) => ({
    ...timing,
    rounds: timing.rounds.slice(0, rounds),
  }))
  return { ...run, rounds: run.rounds.slice(0, rounds), scenario: { ...run.scenario, timings } }
}

const shown = (run: GateRun): string =>
  renderTerminal(gateDocument(relativeHead(run), judgeGate(run)), { color: false, width: 200 })

test('before the first interim analysis the change is an estimate, and after it an interval', () => {
  const early = shown(stoppedAfter(3))
  expect(early).toMatch(/^inconclusive +Q1 p95 .* about \+[\d.,]+ % \(estimate\) +3 /m)
  expect(early).not.toMatch(/^inconclusive.*fails when/m)
  expect(shown(sampleGateRun())).toMatch(/^fail +Q1 p95 .* \+[\d.,]+ % \[\+[\d.,]+, \+[\d.,]+\] +12 /m)
})
