import { describe, expect, test } from 'vitest'
import { sampleCost, withCost } from '../../../fixtures/runs/sample-cost.ts'
import { sampleRun } from '../../../fixtures/runs/sample-run.ts'
import type { ScenarioCost } from '../../run/run.ts'
import type { Detail } from '../render/document.ts'
import { renderMarkdown } from '../render/markdown.ts'
import { renderTerminal } from '../render/terminal.ts'
import { billSections } from './bill-section.ts'

const [sample] = sampleRun().scenarios
if (sample === undefined) throw new Error('the sample has a scenario')
const blocks = (change: Partial<ScenarioCost> = {}, detail: Detail = 'full') =>
  billSections(withCost(sample, change), detail)

describe('the section on rows and money', () => {
  test('shows rows of a call and of a month, money and the difference, then the bills by plan', () => {
    expect(renderMarkdown(blocks())).toMatchInlineSnapshot(`
      "### Rows and money a month

      | operation | variant | calls | rows read a call | least to most | written a call | read a month | written a month | USD a month | Δ | server ms a call |
      | :-- | :-- | --: | --: | :-- | --: | --: | --: | --: | --: | --: |
      | **Q1** | baseline | 3.00M | 400 | 200 to 600 | 0 | 1.20B | 0 | $1.20 |  | 0.250 |
      |  | &nbsp;&nbsp;composite | 3.00M | 40 | 20 to 60 | 0 | 120M | 0 | $0.12 | **−$1.08** | 0.250 |
      | **Q2** | baseline | – | 1 | 1 to 1 | 0 | – | – | – |  | 0.250 |
      |  | &nbsp;&nbsp;composite | – | 1 | 1 to 1 | 0 | – | – | – |  | 0.250 |
      | **insert** | baseline | 20.0k | 50 | – | 100 | 1.00M | 2.00M | $2.00 |  | 12.5 |
      |  | &nbsp;&nbsp;composite | 20.0k | 50 | – | 150 | 1.00M | 3.00M | $3.00 | **+$1.00** | 12.5 |

      | variant | rows read | rows written | stored | USD a month | Δ | on Free | on Developer | on Scaler | on Pro |
      | :-- | --: | --: | --: | --: | --: | --: | --: | --: | --: |
      | baseline | 1.20B | 2.00M | 14.1 MB | $3.21 |  | $0.70 | $4.99 | $24.92 | $416.58 |
      | &nbsp;&nbsp;composite | 121M | 3.00M | 15.5 MB | $3.13 | **−$0.08** | $0.00 | $4.99 | $24.92 | $416.58 |

      - USD a month: what these rows and bytes cost beyond the included amounts: $1 a billion rows read, $1 a million written, $0.75 a GB (Turso Cloud Developer). «on …» is the bill of a plan, fee and what lies beyond it, when this is all that the account does.
      - prices: Turso Cloud, 2026-06-12, https://github.com/api-evangelist/turso/blob/main/plans/turso-plans-pricing.yml. A third party's transcription of https://turso.tech/pricing, not read from Turso itself; it lists prices of rows beyond the included ones with Free alone. Those of Developer are from a second transcription (of 2026-09-29); those of Scaler and Pro are not known. Check before you rely on it.
      - calls: as given; Q2 has none and is in no bill.
      - rows: counted by sqld 0.24.32 (40c272de 2025-02-14) on the variant's own database, the mean over 3 executions of a read and one transaction of a write. An index entry is a row written here; Turso Cloud documents rows alone. What else is billed otherwise than it is counted: docs/COST.md.
      - **too low:** Q2. count(\\*) without a condition is counted in pages by this server, and Turso documents one row read for each row.
      - composite is built once: idx\\_prompts\\_user\\_status\\_created reads 60,000 and writes 30,000 rows
      "
    `)
  })

  test('on a screen leaves out rows that are as those above, and says how many', () => {
    const text = renderTerminal(blocks({}, 'brief'), { color: false, width: 140 })
    expect(text).toContain('left out: 1 row that read and write what the one above reads and writes')
    expect(text).not.toContain('composite-client')
  })

  test('says which operations have no calls', () => {
    const assumed = { calls: [{ operation: 'Q1', callsPerMonth: 1_000_000 }], callsAssumed: true }
    expect(renderMarkdown(blocks(assumed))).toContain('1.00M a month of each operation are assumed')
    expect(renderMarkdown(blocks())).toContain('as given; Q2 has none and is in no bill.')
  })

  test('names operations whose rows the server counts otherwise than Turso documents', () => {
    expect(renderMarkdown(blocks())).toContain('**too low:** Q2. count')
  })

  test('knows no bill where the table lacks a price, and is never below nothing', () => {
    const calls = [{ operation: 'Q1', callsPerMonth: 1e12 }]
    const text = renderMarkdown(blocks({ calls }))
    expect(text).toContain('not known')
    expect(renderMarkdown(blocks({ calls: [{ operation: 'Q1', callsPerMonth: 0 }] }))).toContain('$0.00')
  })

  test('says nothing where nobody asked, or nothing was counted', () => {
    expect(billSections(sample, 'full')).toEqual([])
    expect(billSections(withCost(sample, { ...sampleCost, counted: [] }), 'full')).toEqual([])
  })
})
