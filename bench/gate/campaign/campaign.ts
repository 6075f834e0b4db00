import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { UsageError } from '../../../src/core/errors.ts'
import { calibrate, calibrationsDue, calibrationsOf, plantSize } from './calibrate.ts'
import { cellAt, type Cell } from '../records/cells.ts'
import { isIdle, type Condition } from './condition.ts'
import { appendRecord, readRecords } from '../records/record-files.ts'
import type { CampaignRecord, GateRecord } from '../records/records.ts'
import { runGateCell } from './run-gate-cell.ts'
import { settingsDigest } from './settings-digest.ts'

export interface CampaignOptions {
  /** Where the records lie, of this shard and of others on this machine. */
  readonly folder: string
  /** This one of so many, from 1. */
  readonly shard: { readonly number: number; readonly of: number }
  /** Gates of the whole campaign, over all shards. */
  readonly gates: number
  /** No gate begins after this time. */
  readonly minutes: number
  readonly conditions: readonly Condition[]
  /** Revision of the code that is measured; undefined where there is none. */
  readonly commit: string | undefined
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/** What a campaign does; a test passes its own. */
export interface CampaignWork {
  readonly isIdle: typeof isIdle
  readonly calibrate: typeof calibrate
  readonly gate: typeof runGateCell
}

const realWork: CampaignWork = { isIdle, calibrate, gate: runGateCell }

/** Plants in the tail wait for half of the median; stalled slices take three times as long. */
const fixedSizes = { 'held-7': 0.5, 'held-3': 0.5, stall: 3 } as const
const fivePercent = Math.log(1.05)

/**
 * Does what is left of a campaign, gate after gate, until it is done, the time is over, somebody puts a file named
 * `stop` into the folder, or an interruption. Every finished gate is on the disk at once.
 */
export async function continueCampaign(
  options: CampaignOptions,
  work: CampaignWork = realWork,
): Promise<'done' | 'paused'> {
  const { folder, shard, log, commit } = options
  const endMs = performance.now() + options.minutes * 60_000
  const isPaused = (): boolean =>
    options.signal.aborted || existsSync(join(folder, 'stop')) || performance.now() > endMs
  const name = `${shard.number}/${shard.of}`
  for (;;) {
    if (isPaused()) return 'paused'
    const records = await readRecords(folder)
    refuseOtherSettings(records, folder)
    const cell = await nextCell(records, options, isPaused, work)
    if (cell === 'done' || cell === 'paused') return cell
    const record = await calibrationOrGate(cell, records, { shard: name, signal: options.signal }, work)
    await appendRecord(folder, commit === undefined ? record : { commit, ...record })
    log(describe(record))
  }
}

/** Gates of other settings say nothing of these. */
function refuseOtherSettings(records: readonly CampaignRecord[], folder: string): void {
  const other = records.find(({ settings }) => settings !== settingsDigest)
  if (other !== undefined) {
    throw new UsageError(
      'CAMPAIGN_SETTINGS',
      `${folder}: holds gates of other settings (${other.settings}, now ${settingsDigest}); name another --folder`,
    )
  }
}

/** The first gate that is left; one that needs an idle machine waits behind the others while it is not. */
async function nextCell(
  records: readonly CampaignRecord[],
  { shard, gates, conditions }: CampaignOptions,
  isPaused: () => boolean,
  { isIdle }: CampaignWork,
): Promise<Cell | 'done' | 'paused'> {
  const key = ({ index, plant }: { readonly index: number; readonly plant: string }): string =>
    `${index} ${plant}`
  const done = new Set(records.flatMap((record) => (record.kind === 'gate' ? [key(record)] : [])))
  const left = Array.from({ length: gates }, (_, index) => cellAt(index)).filter(
    (cell) =>
      cell.index % shard.of === shard.number - 1 &&
      !done.has(key(cell)) &&
      conditions.includes(cell.condition),
  )
  const [first] = left
  if (first === undefined) return 'done'
  const other = left.find(({ condition }) => condition !== 'idle')
  while (first.condition === 'idle' && !(await isIdle())) {
    if (isPaused()) return 'paused'
    if (other !== undefined) return other
    await setTimeout(1000)
  }
  return first
}

async function calibrationOrGate(
  cell: Cell,
  records: readonly CampaignRecord[],
  where: { readonly shard: string; readonly signal: AbortSignal },
  work: CampaignWork,
): Promise<CampaignRecord> {
  const { condition, plant, operation } = cell
  if (plant === 'delay' || plant === 'sql' || plant === 'delay-5') {
    const kind = plant === 'sql' ? 'sql' : 'delay'
    const calibrations = calibrationsOf(records, condition, kind)
    if (calibrations.length < calibrationsDue) {
      return work.calibrate(condition, kind, calibrations, where)
    }
    const target = plant === 'delay-5' ? fivePercent : undefined
    return work.gate(cell, plantSize(calibrations, kind, operation ?? '', target), where)
  }
  return work.gate(cell, plant === 'none' ? null : fixedSizes[plant], where)
}

const percent = (ratio: number | null): string =>
  ratio === null ? '–' : `${ratio < 1 ? '−' : '+'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`

function describe(record: CampaignRecord): string {
  const range = (each: { readonly low: number | null; readonly high: number | null }): string =>
    `[${percent(each.low)}, ${percent(each.high)}]`
  if (record.kind === 'calibration') {
    const each = record.operations.map(
      ({ id, size, ratio, ...rest }) => `${id} ${size.toPrecision(3)} ${percent(ratio)} ${range(rest)}`,
    )
    return `calibration ${record.condition} ${record.plant}: ${each.join('; ')}`
  }
  return `gate ${record.index} ${gateWords(record)} in ${Math.round(record.seconds)} s, ${record.rounds.length} rounds`
}

function gateWords({ condition, plant, operation, word, operations, error }: GateRecord): string {
  const what = operation === null ? 'equal sides' : `${plant} in ${operation}`
  const told = operations.map(({ id, word, estimate }) => `${id} ${word} ${percent(estimate)}`).join(', ')
  return `${condition}, ${what}: ${word}${error === null ? '' : ` (${error})`}: ${told}`
}
