import { appendFile, mkdir, open, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { UsageError } from '../../../src/core/errors.ts'
import type { CampaignRecord } from './records.ts'

const plain = '.jsonl'
const packed = '.jsonl.gz'
const fileOf = (folder: string, shard: string, ending: string): string =>
  join(folder, `${shard.replace('/', '-of-')}${ending}`)

/**
 * Every record of a campaign's folder, of all shards, packed or not, each once. A last line that a crash cut off is
 * left out.
 * @throws UsageError CAMPAIGN_UNREADABLE for anything else that is no record
 */
export async function readRecords(folder: string): Promise<readonly CampaignRecord[]> {
  const names = await readdir(folder).catch(() => [])
  const records: CampaignRecord[] = []
  // Packed files first: they know the revision of records that came from elsewhere.
  for (const ending of [packed, plain]) {
    for (const name of names.filter((each) => each.endsWith(ending)).toSorted()) {
      const path = join(folder, name)
      records.push(...recordsIn(await textOf(path), path))
    }
  }
  return distinct(records)
}

/** The records without those that are there before. */
const distinct = (records: readonly CampaignRecord[]): readonly CampaignRecord[] => {
  const known = new Map<string, CampaignRecord>()
  for (const record of records) if (!known.has(identity(record))) known.set(identity(record), record)
  return [...known.values()]
}

/** No two measurements of a shard begin in the same millisecond. */
const identity = ({ shard, startedAt, kind }: CampaignRecord): string => `${shard} ${startedAt} ${kind}`

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
 * Appends one record to its shard's file, after cutting off what a crash left of a last line.
 * @throws UsageError CAMPAIGN_UNWRITABLE
 */
export async function appendRecord(folder: string, record: CampaignRecord): Promise<void> {
  const path = fileOf(folder, record.shard, plain)
  try {
    await mkdir(folder, { recursive: true })
    await cutTornLine(path)
    await appendFile(path, `${JSON.stringify(record)}\n`, { flush: true })
  } catch (cause) {
    throw new UsageError('CAMPAIGN_UNWRITABLE', `${folder}: cannot be written; name another --folder`, {
      cause,
    })
  }
}

async function cutTornLine(path: string): Promise<void> {
  const file = await open(path, 'a+')
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, Math.max(size - 1, 0))
    if (bytesRead === 0 || buffer.toString() === '\n') return
    const whole = await file.readFile()
    await file.truncate(whole.lastIndexOf('\n') + 1)
  } finally {
    await file.close()
  }
}

/**
 * Writes records into `folder`, each once and one packed file a shard: slices are left out where no table needs them.
 * @param commit revision of the measured code, for records that do not say
 * @returns the files
 */
export async function packRecords(
  records: readonly CampaignRecord[],
  folder: string,
  commit: string | undefined,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  const each = distinct(records)
  for (const shard of new Set(each.map((record) => record.shard))) {
    const lines = each
      .filter((record) => record.shard === shard)
      .map((record) => `${JSON.stringify(slimmed(commit === undefined ? record : { commit, ...record }))}\n`)
    const path = fileOf(folder, shard, packed)
    await writeFile(`${path}.new`, gzipSync(lines.join(''), { level: 9 }))
    await rename(`${path}.new`, path)
    paths.push(path)
  }
  return paths
}

const slimmed = (record: CampaignRecord): CampaignRecord =>
  record.kind === 'calibration' || record.plant === 'none' ? record : { ...record, slices: {} }
