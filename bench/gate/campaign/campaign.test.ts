import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { continueCampaign, type CampaignOptions, type CampaignWork } from './campaign.ts'
import { campaignSubject, cellAt } from '../records/cells.ts'
import { conditions } from './condition.ts'
import { appendRecord, readRecords } from '../records/record-files.ts'
import type { CalibrationRecord, GateRecord } from '../records/records.ts'
import { settingsDigest } from './settings-digest.ts'

let startMs = Date.UTC(2026, 0, 1)
const startedAt = (): string => new Date((startMs += 1000)).toISOString()

/** Work that takes no time and says what it was asked for. */
function fakeWork(settings = settingsDigest, idle = true): CampaignWork & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    isIdle: async () => idle,
    calibrate: async (condition, slowdown, earlier): Promise<CalibrationRecord> => {
      asked.push(`calibrate ${condition} ${slowdown} ${earlier.length}`)
      const operations = campaignSubject.operations.map((id) => {
        const size = 0.1 + 0.01 * earlier.length
        return { id, size, ratio: 1 + size, low: 1, high: 2, rounds: 10 }
      })
      return { kind: 'calibration', settings, startedAt: startedAt(), condition, slowdown, operations }
    },
    gate: async (cell, size): Promise<GateRecord> => {
      asked.push(
        `${cell.index} ${cell.condition} ${cell.slowdown}${size === null ? '' : ` ${size.toFixed(2)}`}`,
      )
      const found = {
        status: 'pass',
        error: null,
        operations: [],
        rounds: [],
        evidence: {},
        slices: {},
      } as const
      const measured = { settings, machine: 'fake', seconds: 1, startedAt: startedAt() }
      return { ...cell, kind: 'gate', size, ...measured, ...found }
    },
  }
}

describe('a campaign', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'forgebench-campaign-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const options = (more: Partial<CampaignOptions> = {}): CampaignOptions => ({
    folder,
    gates: 6,
    minutes: 1,
    conditions,
    commit: 'abc1234',
    signal: new AbortController().signal,
    log: () => undefined,
    ...more,
  })

  test('goes through its cells in order, and calibrates a slowdown twice before it uses it', async () => {
    const work = fakeWork()
    expect(await continueCampaign(options({ gates: 4 }), work)).toBe('done')
    expect(work.asked).toEqual([
      '0 idle none',
      'calibrate idle delay 0',
      'calibrate idle delay 1',
      '1 idle delay 0.10',
      '2 ordinary none',
      'calibrate idle sql 0',
      'calibrate idle sql 1',
      '3 idle sql 337.50',
    ])
    const records = await readRecords(folder)
    expect(records).toHaveLength(8)
    expect(new Set(records.map(({ commit }) => commit))).toEqual(new Set(['abc1234']))
  })

  test('goes on where it stopped, also after a crash in the middle of a line', async () => {
    await continueCampaign(options({ gates: 3 }), fakeWork())
    appendFileSync(join(folder, 'records.jsonl'), '{"kind":"gate","index":3')
    const work = fakeWork()
    expect(await continueCampaign(options({ gates: 5 }), work)).toBe('done')
    expect(work.asked.at(-1)).toBe('4 stressed none')
    expect(work.asked.filter((line) => !line.startsWith('calibrate'))).toHaveLength(2)
    const again = fakeWork()
    expect(await continueCampaign(options({ gates: 5 }), again)).toBe('done')
    expect(again.asked).toEqual([])
  })

  test('puts off what needs an idle machine while it is not', async () => {
    const work = fakeWork(settingsDigest, false)
    const ends = new AbortController()
    const gate: CampaignWork['gate'] = async (cell, size, signal) => {
      if (cell.index === 4) ends.abort()
      return work.gate(cell, size, signal)
    }
    expect(await continueCampaign(options({ signal: ends.signal }), { ...work, gate })).toBe('paused')
    expect(work.asked).toEqual(['2 ordinary none', '4 stressed none'])
  })

  test.each([
    ['a file named stop', { stop: true }],
    ['an end of its time', { minutes: 0 }],
    ['an interruption', { aborted: true }],
  ])(
    'begins no gate after %s',
    async (
      _,
      { stop = false, minutes = 1, aborted = false }: { stop?: boolean; minutes?: number; aborted?: boolean },
    ) => {
      if (stop) writeFileSync(join(folder, 'stop'), '')
      const work = fakeWork()
      const signal = aborted ? AbortSignal.abort() : new AbortController().signal
      expect(await continueCampaign(options({ minutes, signal }), work)).toBe('paused')
      expect(work.asked).toEqual([])
    },
  )

  test('refuses a folder with gates of other settings', async () => {
    await appendRecord(folder, await fakeWork('other').gate(cellAt(0), null, new AbortController().signal))
    await expect(continueCampaign(options(), fakeWork())).rejects.toThrow(
      /holds gates of other settings \(other/,
    )
  })

  test('uses the calibrations of +10 % for +5 % too, and fixed sizes for tails and stalls', async () => {
    const work = fakeWork()
    await continueCampaign(options({ gates: 16, conditions: ['idle'] }), work)
    const gates = work.asked.filter((line) => !line.startsWith('calibrate'))
    expect(gates.filter((line) => /held|stall|delay-5/.test(line))).toEqual([
      '5 idle held-7 0.50',
      '7 idle stall 3.00',
      '13 idle held-3 0.50',
      '15 idle delay-5 0.05',
    ])
  })

  test('is divided among conditions', async () => {
    const stressed = fakeWork()
    await continueCampaign(options({ gates: 12, conditions: ['stressed'] }), stressed)
    const due = Array.from({ length: 12 }, (_, index) => cellAt(index)).filter(
      (c) => c.condition === 'stressed',
    )
    expect(stressed.asked.filter((line) => !line.startsWith('calibrate'))).toHaveLength(due.length)
  })
})
