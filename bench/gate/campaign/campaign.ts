import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { UsageError } from '../../../src/core/errors.ts'
import { calibrate, calibrationsDue, calibrationsOf, slowdownSize } from './calibrate.ts'
import { cellAt, type Cell } from '../records/cells.ts'
import { isIdle, type Condition } from './condition.ts'
import { appendRecord, readRecords } from '../records/record-files.ts'
import type { CampaignRecord } from '../records/records.ts'
import { runGateCell } from './run-gate-cell.ts'
import { settingsDigest } from './settings-digest.ts'

export interface CampaignOptions {
  /** Where the records lie. */
  readonly folder: string
  /** Gates of the whole campaign. */
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

/** Slowdowns in the tail wait for half of the median; stalled slices take three times as long. */
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
  const { folder, signal, log, commit } = options
  const endMs = performance.now() + options.minutes * 60_000
  const isPaused = (): boolean =>
    signal.aborted || existsSync(join(folder, 'stop')) || performance.now() > endMs
  for (;;) {
    if (isPaused()) return 'paused'
    const records = await readRecords(folder)
    refuseOtherSettings(records, folder)
    const cell = await nextCell(records, options, isPaused, work)
    if (cell === 'done' || cell === 'paused') return cell
    const record = await calibrationOrGate(cell, records, signal, work)
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
  { gates, conditions }: CampaignOptions,
  isPaused: () => boolean,
  { isIdle }: CampaignWork,
): Promise<Cell | 'done' | 'paused'> {
  const key = ({ index, slowdown }: { readonly index: number; readonly slowdown: string }): string =>
    `${index} ${slowdown}`
  const done = new Set(records.flatMap((record) => (record.kind === 'gate' ? [key(record)] : [])))
  const left = Array.from({ length: gates }, (_, index) => cellAt(index)).filter(
    (cell) => !done.has(key(cell)) && conditions.includes(cell.condition),
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
  signal: AbortSignal,
  work: CampaignWork,
): Promise<CampaignRecord> {
  const { condition, slowdown, operation } = cell
  if (slowdown === 'delay' || slowdown === 'sql' || slowdown === 'delay-5') {
    const kind = slowdown === 'sql' ? 'sql' : 'delay'
    const calibrations = calibrationsOf(records, condition, kind)
    if (calibrations.length < calibrationsDue) {
      return work.calibrate(condition, kind, calibrations, signal)
    }
    const target = slowdown === 'delay-5' ? fivePercent : undefined
    return work.gate(cell, slowdownSize(calibrations, kind, operation ?? '', target), signal)
  }
  return work.gate(cell, slowdown === 'none' ? null : fixedSizes[slowdown], signal)
}

function describe(record: CampaignRecord): string {
  const { condition, slowdown } = record
  if (record.kind === 'calibration') {
    const each = record.operations.map(
      ({ id, size, ratio }) => `${id} ${size.toPrecision(3)}: ${ratio.toFixed(3)}×`,
    )
    return `calibration ${condition} ${slowdown}: ${each.join('; ')}`
  }
  const { index, operation, status, error, seconds, rounds } = record
  const what = operation === null ? 'equal sides' : `${slowdown} in ${operation}`
  return `gate ${index} ${condition}, ${what}: ${status}${error === null ? '' : ` (${error})`} in ${Math.round(seconds)} s, ${rounds.length} rounds`
}
