import { judgeGate } from '../judge/gate.ts'
import { relativeHead } from '../report/gate-document.ts'
import { readGateRun } from '../run/read.ts'
import { serializeRun } from '../run/serialize.ts'
import type { GateOptions } from './gate-options.ts'
import { showGate } from './gate-result.ts'

/** Judges Runs that were measured before, offline. */
export async function gateStored(paths: readonly string[], options: GateOptions): Promise<void> {
  for (const path of paths) {
    const run = await readGateRun(path)
    await showGate({ head: relativeHead(run), verdict: judgeGate(run), json: serializeRun(run) }, options)
  }
}
