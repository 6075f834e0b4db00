import { judgeGate } from '../judge/gate.ts'
import { relativeHead } from '../report/gate-document.ts'
import { readGateRun } from '../run/read.ts'
import type { GateOptions } from './gate-options.ts'
import { showGates, type GateResult } from './gate-result.ts'

/** Judges Runs that were measured before, offline. */
export async function gateStored(paths: readonly string[], options: GateOptions): Promise<void> {
  const results: GateResult[] = []
  for (const path of paths) {
    const run = await readGateRun(path)
    results.push({ head: relativeHead(run), verdict: judgeGate(run), run })
  }
  await showGates(results, options)
}
