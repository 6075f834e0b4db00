import { gateBudget } from '../stats/gate-looks.ts'
import type { GateSettings } from '../run/gate-run.ts'
import { defaultGateSampling } from './gate-sampling.ts'

type Chosen = Pick<GateSettings, 'seed' | 'orderSeed' | 'scale' | 'maxSeconds'> &
  Partial<Pick<GateSettings['rule'], 'toleranceRatio' | 'smallestEffectRatio' | 'budget'>> &
  Partial<Pick<GateSettings['sampling'], 'operationMs'>>

/** The settings of a gate: what is chosen, and for the rest what was validated. */
export function gateSettings({
  seed,
  orderSeed,
  scale,
  maxSeconds,
  toleranceRatio = 1.02,
  smallestEffectRatio = 1.1,
  budget = gateBudget,
  operationMs = defaultGateSampling.operationMs,
}: Chosen): GateSettings {
  const sampling = { ...defaultGateSampling, operationMs }
  const { fewestSamples } = sampling
  return {
    seed,
    orderSeed,
    scale,
    quantile: 'p95',
    rule: { toleranceRatio, smallestEffectRatio, budget, fewestSamples },
    sampling,
    maxSeconds,
  }
}
