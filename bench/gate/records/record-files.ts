import { appendFile, mkdir, open, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { UsageError } from '../../../src/core/errors.ts'
import type { CampaignRecord } from './records.ts'

const plain = 'records.jsonl'
const packed = 'records.jsonl.gz'

/**
 * Every record of a campaign's folder, packed or not, each once. A last line that a crash cut off is left out.
 * @throws UsageError CAMPAIGN_UNREADABLE for anything else that is no record; CAMPAIGN_SETTINGS for gates of different settings
 */
export async function readRecords(folder: string): Promise<readonly CampaignRecord[]> {
  const names: readonly string[] = await readdir(folder).catch(() => [])
  const records = new Map<string, CampaignRecord>()
  for (const name of [packed, plain].filter((each) => names.includes(each))) {
    const path = join(folder, name)
    for (const record of recordsIn(await textOf(path), path)) {
      const identity = `${record.startedAt} ${record.kind}`
      if (!records.has(identity)) records.set(identity, record)
    }
  }
  const settings = new Set([...records.values()].map((record) => record.settings))
  if (settings.size <= 1) return [...records.values()]
  const all = [...settings].join(', ')
  throw new UsageError(
    'CAMPAIGN_SETTINGS',
    `${folder}: holds gates of different settings (${all}); keep each in a folder of its own`,
  )
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path)
  if (!path.endsWith(packed)) return bytes.toString()
  try {
    return gunzipSync(bytes).toString()
  } catch (cause) {
    throw new UsageError('CAMPAIGN_UNREADABLE', `${path}: cannot be unpacked; fetch it again`, { cause })
  }
}

function recordsIn(text: string, path: string): readonly CampaignRecord[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      try {
        return JSON.parse(line) as CampaignRecord
      } catch (cause) {
        const where = `${path}:${index + 1}`
        throw new UsageError('CAMPAIGN_UNREADABLE', `${where}: is no record; delete this line`, { cause })
      }
    })
}

/**
 * Appends one record, after cutting off what a crash left of a last line.
 * @throws UsageError CAMPAIGN_UNWRITABLE
 */
export async function appendRecord(folder: string, record: CampaignRecord): Promise<void> {
  const path = join(folder, plain)
  try {
    await mkdir(folder, { recursive: true })
    await cutTornLine(path)
    await appendFile(path, `${JSON.stringify(record)}\n`, { flush: true })
  } catch (cause) {
    const message = `${folder}: cannot be written; name another --folder`
    throw new UsageError('CAMPAIGN_UNWRITABLE', message, { cause })
  }
}

async function cutTornLine(path: string): Promise<void> {
  const file = await open(path, 'a+')
  try {
    const whole = await file.readFile()
    await file.truncate(whole.lastIndexOf('\n') + 1)
  } finally {
    await file.close()
  }
}

/** Writes records into one packed file; slices are left out where no table needs them. Returns its path. */
export async function packRecords(records: readonly CampaignRecord[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const lines = records.map((record) => `${JSON.stringify(slimmed(record))}\n`)
  const path = join(folder, packed)
  await writeFile(`${path}.new`, gzipSync(lines.join(''), { level: 9 }))
  await rename(`${path}.new`, path)
  return path
}

const slimmed = (record: CampaignRecord): CampaignRecord =>
  record.kind === 'calibration' || record.slowdown === 'none' ? record : { ...record, slices: {} }
