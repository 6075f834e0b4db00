import { UsageError } from '../../../src/core/errors.ts'
import { leadInMs } from '../../../src/engine/experiment/cut-operation.ts'
import { defaultOperationMs, gateSliceMs } from '../../../src/engine/gate/gate-sampling.ts'

/** The revision whose `npm run validate:gate` measured gates; it has been taken out since. */
export const measuringRevision = '39ea4ac'

/** The digest of the settings that the records were measured with, and how these sample. */
export const recordedSampling = {
  settings: 'e40411b1',
  operationMs: 1000,
  sliceMs: 15,
  leadInMs: 10,
} as const

const today = { operationMs: defaultOperationMs, sliceMs: gateSliceMs, leadInMs }

/**
 * Rounds that were sampled otherwise say nothing of today's gate.
 * @throws UsageError GATE_SAMPLING
 */
export function refuseOtherSampling(now: typeof today = today): void {
  const { settings, ...recorded } = recordedSampling
  if (JSON.stringify(recorded) === JSON.stringify(now)) return
  throw new UsageError(
    'GATE_SAMPLING',
    `a gate samples ${JSON.stringify(now)}, and the recorded ones, of settings ${settings}, ${JSON.stringify(recorded)}: measure gates anew with bench/gate/campaign of revision ${measuringRevision}`,
  )
}
