import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { micromark } from 'micromark'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import { describe, expect, test } from 'vitest'
import { hostileText, runnerCommands } from '../../fixtures/hostile-text.ts'
import { sampleComparison } from '../../fixtures/runs/sample-comparison.ts'
import { sampleGateRun } from '../../fixtures/runs/sample-gate-run.ts'
import { sampleLoadRun } from '../../fixtures/runs/sample-load-run.ts'
import { withCost } from '../../fixtures/runs/sample-cost.ts'
import { sampleRun } from '../../fixtures/runs/sample-run.ts'
import { sampleSweepRun } from '../../fixtures/sweeps/sample-sweep-run.ts'
import { keepSecret } from '../core/secrets.ts'
import { UsageError } from '../core/errors.ts'
import { judgeRun } from '../judge/judge-run.ts'
import type { AnyRun } from '../run/any-run.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import { parseRun } from '../run/read.ts'
import { formatNames, formats, type FormatName } from './formats.ts'

/** What a terminal or an editor obeys without showing it. */
const unseen = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u

const annotation = /^::(error|warning|notice) title=/
const ourColours = /\p{Cc}\[\d+m/gu

const secret = 'tok-3n-of-this-run'

/**
 * Strings of a Run that may be anything: a Run that holds another in its place is still a Run. Others each time, for to try
 * them all would take longer than the tests that use them.
 */
function freeStrings(run: AnyRun): readonly string[] {
  const found = new Set<string>()
  JSON.stringify(run, (key, value: unknown) => {
    for (const text of [key, value]) if (typeof text === 'string' && text.length < 200) found.add(text)
    return value
  })
  const texts = [...found].filter((text) => text.trim() !== '')
  const [tried = []] = fc.sample(fc.shuffledSubarray(texts, { minLength: 50, maxLength: 50 }), 1)
  // Names of fields are taken for strings here, and found not to be free.
  return tried.filter((text) => replaced(run, new Map([[text, 'x']])) !== undefined)
}

/** The Run with strings and keys replaced; undefined where it would no longer be one. */
function replaced(run: AnyRun, texts: ReadonlyMap<string, string>): AnyRun | undefined {
  const other = (value: unknown): unknown => {
    if (typeof value === 'string') return texts.get(value) ?? value
    if (Array.isArray(value)) return value.map(other)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [texts.get(key) ?? key, other(each)]),
    )
  }
  try {
    return parseRun(JSON.stringify(other(run)), 'run.json')
  } catch {
    return undefined
  }
}

/** The text of a judged Run in a format; undefined for a format that this kind of Run does not have. */
function rendered(judged: JudgedRun, format: FormatName, color = false): string | undefined {
  try {
    return formats[format](judged, { color, files: {} })
  } catch (error) {
    if (error instanceof UsageError && error.code === 'FORMAT_NOT_FOR_RUN') return undefined
    throw error
  }
}

const html = (markdown: string): string =>
  micromark(markdown, {
    extensions: [gfmTable()],
    htmlExtensions: [gfmTableHtml()],
    allowDangerousHtml: true,
  })

/** The elements of a page, in their order: text from outside must not make or unmake any. */
const elements = (markdown: string): readonly string[] =>
  (html(markdown).match(/<\/?[a-z][a-z0-9]*/g) ?? []).filter((tag) => !/^<\/?strong$/.test(tag))

const runs = {
  scenarios: { ...sampleRun(), scenarios: sampleRun().scenarios.map((each) => withCost(each)) },
  gate: sampleGateRun(),
  load: sampleLoadRun(),
  comparison: sampleComparison(),
  sweep: sampleSweepRun({
    parts: [
      { measure: 'sweep', metric: 'perSecond', variant: 'eight', versus: 'one', claimed: { from: 1, to: 1 } },
    ],
  }),
}

describe.each(Object.entries(runs))('a Run of %s with hostile strings', (_kind, run) => {
  const free = freeStrings(run)
  const hostileRun = fc
    .array(fc.tuple(fc.constantFrom(...free), hostileText), { minLength: 1, maxLength: 6 })
    .map((pairs) =>
      replaced(run, new Map(pairs.map(([text, hostile]) => [text, `${text}${hostile}${secret}`]))),
    )
    .filter((hostile) => hostile !== undefined)

  test('has strings that may be anything', () => expect(free.length).toBeGreaterThan(5))

  test('shows nothing unseen, no command, no secret and no formula, in any format', () => {
    keepSecret(secret)
    fc.assert(
      fc.property(hostileRun, (hostile) => {
        const judged = judgeRun(hostile)
        for (const format of formatNames) {
          const text = rendered(judged, format) ?? ''
          expect(text, format).not.toMatch(unseen)
          expect(text, format).not.toContain(secret)
          if (format === 'github-annotations') {
            for (const line of text.split('\n').slice(0, -1)) expect(line).toMatch(annotation)
          } else expect(runnerCommands(text), format).toEqual([])
        }
        const colourful = rendered(judged, 'terminal', true) ?? ''
        expect(colourful.replaceAll(ourColours, '')).not.toMatch(unseen)
        const rows = parse(rendered(judged, 'csv') ?? '') as readonly (readonly string[])[]
        for (const row of rows) {
          expect(row).toHaveLength(rows[0]?.length ?? 0)
          for (const cell of row) expect(cell).not.toMatch(/^[=+@]/)
        }
      }),
      { numRuns: 6 },
    )
  })

  test('is the same page of Markdown, with other words', () => {
    fc.assert(
      fc.property(fc.constantFrom(...free), hostileText, (text, words) => {
        const [harmless, hostile] = [`${text}x`, `${text}x${words}`].map((other) =>
          replaced(run, new Map([[text, other]])),
        )
        fc.pre(harmless !== undefined && hostile !== undefined)
        const [page, same] = [hostile, harmless].map((each) =>
          elements(rendered(judgeRun(each), 'markdown') ?? ''),
        )
        expect(page).toEqual(same)
      }),
      { numRuns: 6 },
    )
  })
})
