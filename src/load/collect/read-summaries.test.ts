import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { podSummaryOf, type PodRequest } from '../../../fixtures/load/pod-run.ts'
import { summaryLines } from '../k6/script/summary.ts'
import { hasSummaryLines, parseSummary, summariesInLog } from './read-summaries.ts'

const requests: readonly PodRequest[] = Array.from({ length: 300 }, (_, i) => ({ op: 'list', ms: i / 7 }))
const thirds = ['0:1/3', '1/3:2/3', '2/3:1']
const summaries = thirds.map((segment) => podSummaryOf({ requests, segment }))
const logs = summaries.map(summaryLines)
const plain = summaries.map((summary) => JSON.parse(JSON.stringify(summary)) as unknown)

describe('the log of pods', () => {
  it('gives back the summaries, whatever stands before and between their lines', () => {
    expect(logs[0]?.length).toBeGreaterThan(1)
    const noise = fc.constantFrom('', 'time="…" level=warning msg="Request Failed"', '  list  300  0', '\r')
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.nat(2)),
        fc.infiniteStream(noise),
        fc.constantFrom('', '[pod/prompts-1-abc/k6] ', '2026-11-24T20:00:00Z '),
        (order, between, prefix) => {
          const left = logs.map((lines) => [...lines])
          const log: string[] = []
          while (left.some((lines) => lines.length > 0)) {
            const line = left[order.next().value]?.shift()
            if (line !== undefined) log.push(between.next().value, `${prefix}${line}`)
          }
          const found = summariesInLog(log.join('\n'), 'pods.log')
          expect(found.toSorted((a, b) => ((a.segment ?? '') < (b.segment ?? '') ? -1 : 1))).toEqual(plain)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('that lacks a line is refused, and says of whom', () => {
    for (const missing of [0, 1, (logs[1]?.length ?? 0) - 1]) {
      const cut = [...(logs[0] ?? []), ...(logs[1] ?? []).filter((_, i) => i !== missing)].join('\n')
      expect(() => summariesInLog(cut, 'pods.log')).toThrow(
        /pods\.log: the summary of segment 1\/3:2\/3 is cut off: 1 of its \d+ lines are missing/,
      )
    }
  })

  it('without a summary has none', () => {
    expect(hasSummaryLines('level=info msg="forgebench-summary"\n  list  300')).toBe(false)
    expect(hasSummaryLines(logs[0]?.[0] ?? '')).toBe(true)
  })
})

describe('the file of a summary', () => {
  it('is refused when it is cut off or of another version', () => {
    const text = JSON.stringify(summaries[0])
    expect(parseSummary(text, 'a.json')).toEqual(plain[0])
    expect(() => parseSummary(text.slice(0, -10), 'a.json')).toThrow(
      'a.json: not JSON, or cut off in the middle',
    )
    const newer = text.replace('"version":2', '"version":3')
    expect(() => parseSummary(newer, 'a.json')).toThrow(
      /a\.json: no summary that this forgebench can read \(version/,
    )
  })
})
