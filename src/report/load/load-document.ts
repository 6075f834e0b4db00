import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadVerdict } from '../../run/load/load-verdict.ts'
import type { Block, Detail } from '../render/document.ts'
import { howMeasured } from './head-items.ts'
import { auditSection } from './load-audit-section.ts'
import { loadHead, loadNotes } from './load-head-section.ts'
import { latencySection } from './load-latency-section.ts'
import { accountingSection } from './load-accounting-section.ts'
import { seriesSection } from './load-series-section.ts'
import { loadVerdictSection, thresholdSection } from './load-verdict-section.ts'

/**
 * Everything a report of a load run says, whatever its format. On a screen the verdict comes last, where the eye is
 * when the load ends; in a file it comes first.
 */
export function loadDocument(run: LoadRun, verdict: LoadVerdict, detail: Detail): readonly Block[] {
  const head = loadHead(run, detail)
  const said = loadVerdictSection(run, verdict)
  const measured = [...latencySection(run), ...seriesSection(run)]
  const validity = [...accountingSection(run), ...auditSection(run, verdict), ...loadNotes(run)]
  const thresholds = thresholdSection(verdict)
  switch (detail) {
    case 'brief':
      return [...head, ...measured, ...validity, ...thresholds, ...said]
    case 'full':
      return [...head, ...said, ...thresholds, ...measured, ...validity, ...howLoadWasMeasured]
  }
}

const howLoadWasMeasured = howMeasured([
  'Response time runs from the moment at which a request was due to the last byte of its answer, so that a request which had to wait for a slow one is not flattered. Service time runs from sending.',
  'A failed request (another status than the one declared, refused, timed out, closed or broken) counts as slower than every other one. «failed» in the place of a percentile means that it falls among them.',
  'Percentiles are taken over all requests of the measured phase by nearest rank from merged histograms with an error of at most 0.1 %, never as means of percentiles. P95 needs 20 samples, P99 100, P99.9 10,000.',
  'Intervals of 95 % are order statistics; how much they are widened for requests that depend on each other follows from the counts of whole seconds. Fewer than ten seconds, or latencies that swing over many seconds, have no interval.',
  'A threshold passes or fails when the whole interval does, whatever the doubtful checks may have done to it: late sends are taken off, or left in; requests never sent count as slower than all others, or as answered at once. It is INCONCLUSIVE when its limit is within the interval, and INVALID when only the doubts leave it open. Thresholds see the measured phase only.',
  'A window is every stretch of that many whole seconds in the measured phase; the worst one is shown.',
])
