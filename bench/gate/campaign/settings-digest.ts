import { createHash } from 'node:crypto'
import { leadInMs } from '../../../src/engine/experiment/cut-operation.ts'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { gateSliceMs } from '../../../src/engine/gate/gate-sampling.ts'
import { campaignSubject } from '../records/cells.ts'

/** Names what the campaign measures and how: the subject and the gate's settings. */
export const settingsDigest = createHash('sha256')
  .update(
    JSON.stringify([
      campaignSubject,
      gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 }),
      gateSliceMs,
      leadInMs,
    ]),
  )
  .digest('hex')
  .slice(0, 8)
