import type { GateOperation, GateSeries } from '../measure/decide-gate.ts'
import { gateSides } from './gate-run.ts'
import type { Timing } from './run.ts'
import { sliceSeries } from './slice-series.ts'

/** The pairs of each operation, as `decideGate` takes them; an operation without timings has none. */
export function gateOperations(
  timings: readonly Timing[],
  operations: readonly string[],
): readonly GateOperation[] {
  const series = (operation: string, side: string): GateSeries => {
    const slices = timings.find((timing) => timing.operation === operation && timing.variant === side)?.slices
    return slices === undefined
      ? { round: [], block: [], value: [], samples: [] }
      : { ...sliceSeries(slices, 'p95'), samples: slices.samples }
  }
  return operations.map((id) => ({
    id,
    baseline: series(id, gateSides.baseline),
    candidate: series(id, gateSides.candidate),
  }))
}
