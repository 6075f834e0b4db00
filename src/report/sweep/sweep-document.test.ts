import { describe, expect, test } from 'vitest'
import { sampleSweepRun } from '../../../fixtures/sweeps/sample-sweep-run.ts'
import { judgeSweeps } from '../../judge/sweep/judge-sweeps.ts'
import type { SweepRun } from '../../run/sweep/sweep-run.ts'
import { formats } from '../formats.ts'

const look = { color: false, width: 140 }
const judged = (run: SweepRun) => ({ kind: 'sweep', run, verdict: judgeSweeps(run), gate: null }) as const
const run = sampleSweepRun({
  parts: [
    { measure: 'sweep', metric: 'perSecond', variant: 'eight', versus: 'one', claimed: { from: 1, to: 1 } },
    { measure: 'sweep-limit', metric: 'perSecond', variant: 'eight', claimed: { atLeast: 3000 } },
  ],
})

describe('the report of a sweep', () => {
  test('is the committed one on a screen and in a file; vitest -u renews them', async () => {
    await expect(formats.terminal(judged(run), look)).toMatchFileSnapshot(
      '../../../fixtures/runs/sample-sweep.terminal.txt',
    )
    await expect(formats.markdown(judged(run))).toMatchFileSnapshot(
      '../../../fixtures/runs/sample-sweep.markdown.md',
    )
  })

  test('of too few rounds has estimates without intervals, and of an interrupted one says so', () => {
    const cut = sampleSweepRun({ rounds: 2 })
    const text = formats.terminal(
      judged({ ...cut, status: 'partial', sweeps: cut.sweeps.map((each) => ({ ...each, complete: false })) }),
      look,
    )
    expect(text).toContain('about 4')
    expect(text).not.toMatch(/\d \[\d/)
    expect(text).toContain('INTERRUPTED')
    expect(text).toContain('PARTIAL RUN')
  })
})
