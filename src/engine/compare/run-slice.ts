import { runAutocannonSender } from '../../load/autocannon/run-autocannon-sender.ts'
import type { LoadPlan } from '../../load/load-plan.ts'
import { machineNs } from '../../load/worker/load-clock.ts'
import type { FromSender } from '../../load/worker/messages.ts'
import { createdRows } from '../../load/worker/merge-measurements.ts'
import { outcomesIn } from '../../load/worker/outcomes.ts'
import { runSender } from '../../load/open/run-sender.ts'
import type { ProfileForSending } from '../../scenario/load-profile/load-profile-file.ts'

export type SliceEngine = 'open' | 'autocannon'

export interface SliceStatistics {
  readonly requests: number
  /** Not answered with the expected status. */
  readonly failed: number
  /** Of response time in an open model, of service time at peak; requests that were never sent have none. */
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
  const records: Float64Array[] = []
  let begin: (startNs: number) => void = () => undefined
  const never = new AbortController().signal
  const context = {
    stop: never,
    finish: never,
    start: new Promise<number>((resolve) => {
      begin = resolve
    }),
    send: (message: FromSender) => {
      if (message.kind === 'ready') begin(machineNs())
      else if (message.kind === 'outcomes') records.push(message.records)
    },
  }
  const send = engine === 'open' ? runSender : runAutocannonSender
  const { drivenNs, worker } = await send({ plan, worker: 0 }, context, loaded)
  return {
    ...summarize(records, loaded.profile.requests),
    durationNs: drivenNs,
    senderCpuShare: worker.cpuShare,
  }
}

function summarize(
  parts: readonly Float64Array[],
  requests: ProfileForSending['profile']['requests'],
): Pick<SliceMeasurement, 'all' | 'byOp' | 'created'> {
  const all = newDraft()
  const drafts = new Map<string, Draft>()
  const outcomes = parts.flatMap((part) => [...outcomesIn(part, requests)])
  for (const { op, ending, isExpected, serviceNs, responseNs } of outcomes) {
    const draft = drafts.get(op) ?? newDraft()
    drafts.set(op, draft)
    for (const each of [all, draft]) {
      each.requests += 1
      if (!isExpected) each.failed += 1
      if (ending !== 'neverSent') each.latencies.push(responseNs ?? serviceNs)
    }
  }
  const kinds = [...drafts].map(([op, draft]) => ({ op, ...draft }))
  return {
    all: statisticsOf(all),
    byOp: Object.fromEntries(kinds.map((kind) => [kind.op, statisticsOf(kind)])),
    created: createdRows(kinds, requests),
  }
}

const newDraft = (): Draft => ({ requests: 0, failed: 0, latencies: [] })

const statisticsOf = ({ requests, failed, latencies }: Draft): SliceStatistics => ({
  requests,
  failed,
  latenciesNs: Float64Array.from(latencies),
})
