import type { GateSettings } from '../../run/gate/gate-run.ts'
import { gateBudget } from '../../stats/interim-analyses.ts'
import { defaultOperationMs } from './gate-sampling.ts'

type Chosen = Pick<GateSettings, 'seed' | 'orderSeed' | 'scale' | 'maxSeconds'> &
  Partial<GateSettings['rule']> &
  Partial<Pick<GateSettings, 'operationMs'>>

/** The settings of a gate: what is chosen, and for the rest what was validated. */
export function gateSettings({
  seed,
  orderSeed,
  scale,
  maxSeconds,
  quantile = 'p95',
  toleranceRatio = 1.02,
  smallestEffectRatio = 1.1,
  budget = gateBudget,
  operationMs = defaultOperationMs,
}: Chosen): GateSettings {
  return {
    seed,
    orderSeed,
    scale,
    rule: { quantile, toleranceRatio, smallestEffectRatio, budget },
    operationMs,
    maxSeconds,
  }
}
