import { formatNs, formatDecimal, formatNumber } from '../../core/number-format.ts'
import type { BudgetRun, Run } from '../../run/run.ts'
import type { SuggestedBudget } from '../../run/gate/suggested-budget.ts'

/** Suggested budgets as TypeScript for a scenario, with comments that say what they rest on. */
export function budgetSnippet(
  { environment, settings, startedAt, scenarios }: Run,
  suggested: readonly SuggestedBudget[],
  leastHeadroom: number,
): string {
  const { cpuModel, cpus, platform } = environment
  const { scale, seed, analyses } = settings
  const timed = suggested.some(({ time }) => time !== null)
  return [
    `// ${scenarios.map(({ id }) => id).join(', ')} at --scale ${scale} --seed ${seed}, ${startedAt.slice(0, 10)}: limits hold for this scale and seed.`,
    '// Plans, counters and bytes are as found, and the same on any machine with this engine.',
    ...(timed
      ? [
          `// Times belong to this machine (${cpuModel}, ${cpus} CPUs, ${platform}): p95Us is the upper bound of the 95th percentile`,
          `// over ${analyses.at(-1)?.rounds ?? 0} rounds in fresh processes, times a headroom of three standard deviations between rounds, at least ${formatDecimal(leastHeadroom)}.`,
        ]
      : []),
    'budgets: [',
    ...suggested.map((each) => `  ${objectText(each.budget)},${timeComment(each)}`),
    '],',
    '',
  ].join('\n')
}

function objectText(budget: BudgetRun): string {
  const fields = Object.entries(budget).map(([name, value]) => `${name}: ${valueText(value)}`)
  return `{ ${fields.join(', ')} }`
}

function valueText(value: BudgetRun[keyof BudgetRun]): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quoted(value)
  return `[${(value ?? []).map(quoted).join(', ')}]`
}

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`

const timeComment = ({ time }: SuggestedBudget): string =>
  time === null
    ? ''
    : ` // p95 ${formatNs(time.p95Ns)}, upper bound ${formatNs(time.highNs)}, × ${formatNumber(time.headroom)} (rounds ± ${formatNumber(time.spread * 100)} %)`
