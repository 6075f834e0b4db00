import { runAutocannonSender } from '../../load/autocannon/run-sender.ts'
import type { LoadPlan } from '../../load/load-plan.ts'
import { machineNs } from '../../load/worker/load-clock.ts'
import type { FromSender } from '../../load/worker/messages.ts'
import { outcomeOf, type OutcomeColumns } from '../../load/worker/outcome-columns.ts'
import { runSender } from '../../load/open/run-sender.ts'
import type { ProfileForSending } from '../../scenario/load-profile-file.ts'

export type SliceEngine = 'open' | 'autocannon'

export interface SliceStatistics {
  readonly requests: number
  /** Not answered with the expected status. */
  readonly failed: number
  /** Of response time for arrivals, of service time in a closed loop; requests that were never sent have none. */
  readonly latenciesNs: Float64Array
}

export interface SliceMeasurement {
  readonly all: SliceStatistics
  readonly byOp: Readonly<Record<string, SliceStatistics>>
  /** From the first request sent (or due) to the last answer. */
  readonly durationNs: number
  readonly senderCpuShare: number
  /** Rows that acknowledged creations must have added, by table. */
  readonly created: Readonly<Record<string, number>>
}

interface Draft {
  requests: number
  failed: number
  readonly latencies: number[]
}

/** Sends one slice of load from this process: what `plan` says, with the requests of `loaded`. */
export async function runSlice(
  engine: SliceEngine,
  plan: LoadPlan,
  loaded: ProfileForSending,
): Promise<SliceMeasurement> {
  const rows: OutcomeColumns[] = []
  let begin: (startNs: number) => void = () => undefined
  const never = new AbortController().signal
  const surroundings = {
    stop: never,
    finish: never,
    start: new Promise<number>((resolve) => {
      begin = resolve
    }),
    tell: (message: FromSender) => {
      if (message.kind === 'ready') begin(machineNs())
      else if (message.kind === 'outcomes') rows.push(message.rows)
    },
  }
  const send = engine === 'open' ? runSender : runAutocannonSender
  const { drivenNs, worker } = await send({ plan, worker: 0 }, surroundings, loaded)
  return {
    ...summarize(rows, loaded.profile.requests),
    durationNs: drivenNs,
    senderCpuShare: worker.cpuShare,
  }
}

function summarize(
  parts: readonly OutcomeColumns[],
  requests: ProfileForSending['profile']['requests'],
): Pick<SliceMeasurement, 'all' | 'byOp' | 'created'> {
  const all = newDraft()
  const drafts = new Map<string, Draft>()
  const created: Record<string, number> = {}
  for (const rows of parts) {
    for (let row = 0; row < rows.length; row += 1) {
      const { id, creates } = requests[rows.op[row]!]!
      const outcome = outcomeOf(rows.code[row]!, rows.expected[row] === 1)
      const isOk = outcome.kind === 'answered' && outcome.asExpected
      const responseNs = rows.responseNs[row]!
      const draft = drafts.get(id) ?? newDraft()
      drafts.set(id, draft)
      for (const each of [all, draft]) {
        each.requests += 1
        if (!isOk) each.failed += 1
        if (outcome.kind === 'neverSent') continue
        each.latencies.push(Number.isNaN(responseNs) ? rows.serviceNs[row]! : responseNs)
      }
      if (isOk && creates !== undefined) created[creates] = (created[creates] ?? 0) + 1
    }
  }
  const byOp = Object.fromEntries([...drafts].map(([op, draft]) => [op, statisticsOf(draft)]))
  return { all: statisticsOf(all), byOp, created }
}

const newDraft = (): Draft => ({ requests: 0, failed: 0, latencies: [] })

const statisticsOf = ({ requests, failed, latencies }: Draft): SliceStatistics => ({
  requests,
  failed,
  latenciesNs: Float64Array.from(latencies),
})
