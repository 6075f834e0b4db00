import type { LoadCheck, LoadStatus } from '../../run/load/load-verdict.ts'
import type { Tone } from '../render/document.ts'

const tones: Readonly<Record<LoadStatus | LoadCheck['status'], Tone>> = {
  pass: 'good',
  ok: 'good',
  fail: 'bad',
  invalid: 'bad',
  inconclusive: 'warn',
  doubtful: 'warn',
  unknown: 'dim',
}

/** The tone of a verdict's or a check's status. */
export const statusTone = (status: LoadStatus | LoadCheck['status']): Tone => tones[status]
