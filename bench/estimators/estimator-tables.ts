import { estimators, shipped, type SimulatedQuantile } from './estimators.ts'
import { markdownTable } from '../text/markdown-table.ts'
import type { Accuracy, EstimatorResult } from './simulate-estimators.ts'

/** What the simulation is to show of the shipped estimator. */
const mostBias = 0.02
const coverageWanted = { low: 0.93, high: 0.97 }
/** Samples a round from which it is wanted; a 99th percentile has no estimate below 2,000. */
const fewestWanted = 1000

/** The simulation of the estimators as Markdown. */
export function estimatorTables(results: readonly EstimatorResult[]): string {
  const simulations = results[0]?.simulations ?? 0
  return `${[
    '# Which estimate of a quantile, and how far is it off?\n',
    `Made by \`npm run validate:estimators\`, seeded: the same numbers on every machine. ${results.length} cells of ${simulations} simulated comparisons of 8 rounds. Latencies are log-normal with a spread of σ = 0.3 unless said; rounds, blocks and slices differ by 5, 5 and 2 %. Cells: **bias** of the estimate and **coverage** of the exact signed-rank interval that says 95 % (with 8 rounds 96.1 %), whose standard error is ${(100 * Math.sqrt((0.95 * 0.05) / simulations)).toFixed(1)} % here. Bursts hit a tenth of the blocks, both sides of each: they multiply by 3, add two medians, or multiply half of the calls. They are the machine's, and not part of the truth.\n`,
    verdict(results),
    ...sections(results),
  ].join('\n')}\n`
}

function verdict(results: readonly EstimatorResult[]): string {
  const wanted = results.filter(
    ({ estimator, samples }) => estimator === shipped.title && Math.min(...samples) >= fewestWanted,
  )
  const lines = (['ratio', 'level'] as const).flatMap((kind) => {
    const of = (each: EstimatorResult): Accuracy => each[kind]
    const biased = wanted.filter((each) => Math.abs(of(each).bias) > mostBias)
    const { low, high } = coverageWanted
    const slack = 3 * Math.sqrt((0.95 * 0.05) / (wanted[0]?.simulations ?? 1))
    const under = wanted.filter((each) => of(each).coverage < low)
    const significantly = wanted.filter((each) => of(each).coverage < low - slack)
    const over = wanted.filter((each) => of(each).coverage > high)
    const mean = wanted.reduce((sum, each) => sum + of(each).coverage, 0) / Math.max(wanted.length, 1)
    return [
      `- **${kind}**: |bias| ≤ 2 % in ${wanted.length - biased.length} of ${wanted.length} cells with 1,000 samples a round or more; coverage ${(mean * 100).toFixed(1)} % in the mean, below 93 % in ${under.length} cells (by more than three standard errors in ${significantly.length}), above 97 % in ${over.length}.`,
      ...listed('biased', biased, of),
      ...listed('covered too seldom', significantly, of),
    ]
  })
  return `## The shipped estimator\n\n${lines.join('\n')}\n\n${onTheEdge}\n`
}

const onTheEdge =
  'Where 1 % of the calls are slow, the 99th percentile lies on the edge between the two kinds of calls, and a thousandth of the probability moves it by a multiple: no estimate is steady there.'

function listed(
  title: string,
  results: readonly EstimatorResult[],
  of: (each: EstimatorResult) => Accuracy,
): readonly string[] {
  return results.map(
    (result) =>
      `  - ${title}: ${result.quantile.toUpperCase()} of «${result.latencies}», ${result.samples.join(' and ')} samples, ${situation(result)}: ${accuracyText(of(result))}`,
  )
}

const situation = ({ burst, order }: EstimatorResult): string =>
  [
    burst === 'none' ? 'quiet' : `bursts that ${burst === 'half' ? 'hit half' : burst}`,
    ...(order === 'independent' ? [] : [order]),
  ].join(', ')

const accuracyText = ({ bias, coverage }: Accuracy): string =>
  `${bias < 0 ? '−' : '+'}${Math.abs(bias * 100).toFixed(1)} %, ${(coverage * 100).toFixed(0)} %`

function sections(results: readonly EstimatorResult[]): readonly string[] {
  const kinds: readonly (readonly [SimulatedQuantile, readonly [number, number]])[] = [
    ...([4000, 1000, 400] as const).map((n) => ['p95', [n, n]] as const),
    ['p95', [4000, 1000]],
    ['p50', [1000, 1000]],
    ['p99', [4000, 4000]],
  ]
  return kinds.map(([quantile, samples]) => {
    const chosen = results.filter(
      (each) =>
        each.quantile === quantile && each.samples[0] === samples[0] && each.samples[1] === samples[1],
    )
    const count = samples[0] === samples[1] ? `${samples[0]}` : samples.join(' and ')
    return `## ${quantile.toUpperCase()} with ${count} samples a round\n\n${table(chosen)}\n`
  })
}

function table(results: readonly EstimatorResult[]): string {
  const rows = [...new Set(results.map((each) => `${each.latencies}: ${situation(each)}`))]
  const titles = estimators.map(({ title }) => title)
  return markdownTable(
    ['', ...titles.map((title) => `ratio, ${title}`), ...titles.map((title) => `level, ${title}`)],
    rows.map((row) => {
      const of = (kind: 'ratio' | 'level', title: string): string => {
        const found = results.find(
          (each) => each.estimator === title && `${each.latencies}: ${situation(each)}` === row,
        )
        return found === undefined ? '–' : accuracyText(found[kind])
      }
      return [row, ...titles.map((title) => of('ratio', title)), ...titles.map((title) => of('level', title))]
    }),
  )
}
