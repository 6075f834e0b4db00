import { gateBudget } from '../measure/gate-looks.ts'
import type { GateSettings } from '../run/gate-run.ts'
import { defaultGateSampling } from './gate-sampling.ts'

type Chosen = Pick<GateSettings, 'seed' | 'orderSeed' | 'scale' | 'maxSeconds'> &
  Partial<Pick<GateSettings['rule'], 'toleranceRatio' | 'smallestEffectRatio' | 'budget'>>

/** The settings of a gate: what is chosen, and for the rest what was validated. */
export function gateSettings({
  seed,
  orderSeed,
  scale,
  maxSeconds,
  toleranceRatio = 1.02,
  smallestEffectRatio = 1.1,
  budget = gateBudget,
}: Chosen): GateSettings {
  const sampling = defaultGateSampling
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
