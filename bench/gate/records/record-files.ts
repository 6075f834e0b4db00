import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { UsageError } from '../../../src/core/errors.ts'
import { recordedSampling } from './recorded-sampling.ts'
import type { CampaignRecord } from './records.ts'

const committed = fileURLToPath(new URL('../../../reports/validation/gate/records.jsonl.gz', import.meta.url))

/**
 * The records of measured gates: JSON lines, packed.
 * @throws UsageError GATE_SETTINGS for gates of other settings than the recorded ones
 */
export async function readRecords(path = committed): Promise<readonly CampaignRecord[]> {
  const lines = gunzipSync(await readFile(path))
    .toString()
    .trimEnd()
    .split('\n')
  const records = lines.map((line) => JSON.parse(line) as CampaignRecord)
  const other = records.find(({ settings }) => settings !== recordedSampling.settings)
  if (other === undefined) return records
  throw new UsageError(
    'GATE_SETTINGS',
    `${path}: holds gates of other settings (${other.settings}, not ${recordedSampling.settings}); remove them`,
  )
}
