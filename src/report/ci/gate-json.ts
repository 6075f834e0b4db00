import { z } from 'zod'
import { namedFindings, type GateReport } from './gate-report.ts'

const status = z.enum(['pass', 'improved', 'fail', 'inconclusive', 'invalid'])

/** Null for a bound that is not known yet: too few rounds. */
const bound = z.number().nullable()

const quantity = z.object({
  value: bound,
  low: bound,
  high: bound,
  unit: z.enum(['ns', 'bytes', 'count', 'per second', 'ms', 'share', 'usd']),
})

const finding = z.object({
  /** The same from run to run, and no other's. */
  name: z.string(),
  kind: z.enum(['relative', 'counter', 'budget', 'threshold']),
  scenario: z.string(),
  variant: z.string().nullable(),
  operation: z.string().nullable(),
  metric: z.string(),
  status,
  measured: quantity.nullable(),
  baseline: quantity.nullable(),
  /** candidate / baseline − 1, with the bounds that decide. */
  change: z.object({ estimate: bound, low: bound, high: bound }).nullable(),
  limit: z.string(),
  reason: z.string(),
  rounds: z.number().int().nonnegative(),
  samples: z.number().int().nonnegative(),
})

const judgedRun = z.object({
  id: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  forgebench: z.string(),
  status: z.enum(['complete', 'partial']),
})

/** The shape of `--report gate-json`; a field that is added does not raise the version. */
const gateJsonSchema = z.object({
  format: z.literal('forgebench-gate'),
  version: z.literal(1),
  status,
  /** Worst first. */
  findings: z.array(finding),
  notes: z.array(z.string()),
  runs: z.array(judgedRun),
})

type GateJson = z.infer<typeof gateJsonSchema>

/** The verdict for scripts, as JSON; `reports/gate-verdict.schema.json` describes it. */
export function gateJson({ verdict, runs }: GateReport): string {
  const value: GateJson = {
    format: 'forgebench-gate',
    version: 1,
    status: verdict.status,
    findings: namedFindings(verdict.findings).map(({ name, finding }) => ({ name, ...finding })),
    notes: [...verdict.notes],
    runs: runs.map(({ id, startedAt, finishedAt, forgebench, status }) => ({
      id,
      startedAt,
      finishedAt,
      forgebench,
      status,
    })),
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

/** JSON Schema (draft 2020-12) of what `gateJson` writes. */
export const gateVerdictJsonSchema = (): object => ({
  title: 'forgebench gate verdict',
  description:
    'What `--report gate-json=<file>` of a gate writes. Bounds of null are not known yet. Times are nanoseconds.',
  ...z.toJSONSchema(gateJsonSchema, { target: 'draft-2020-12' }),
})
