import { z } from 'zod'
import type { DeepReadonly } from '../../core/fields.ts'
import { count, environment, nanoseconds, runHeaderSchema } from '../run.ts'

const share = z.number().min(0)

/** What became of the requests of one kind. Every planned request is in exactly one of the other columns but `sent`. */
const requestAccount = z.object({
  op: z.string(),
  planned: count,
  /** Left the sender, whatever came of it: the sum of all columns below. */
  sent: count,
  /** Was due, and no connection took it before the end. */
  neverSent: count,
  /** Answers by status, expected or not, with the whole body read. */
  answered: z.record(z.string().regex(/^\d{3}$/), count),
  /** No connection could be made. */
  refused: count,
  timedOut: count,
  /** The connection ended before the answer was complete. */
  closed: count,
  /** An answer that is no HTTP, or another failure of the protocol. */
  broken: count,
  /** Under way when the run was interrupted. */
  abandoned: count,
})

/**
 * One second of one kind. Durations in nanoseconds, as HdrHistogram V2, compressed, base64, 3 significant digits;
 * failed requests are in them with the time after which they failed, timed out ones with the timeout.
 */
const slice = z.object({
  /** Whole seconds since the load began, by the intended start where there is one, else by the moment of sending or of the answer. */
  second: count,
  op: z.string(),
  phase: z.enum(['warm-up', 'measured']),
  requests: count,
  /** Not answered with the expected status. */
  failed: count,
  /** From sending to the last byte. */
  service: z.string(),
  /** From the intended start to the last byte; null where the tool knows no intended start. */
  response: z.string().nullable(),
  /** The part of the histograms that failed requests are; absent when none failed. */
  failures: z.object({ service: z.string(), response: z.string().nullable() }).optional(),
})

const worker = z.object({
  /** CPU seconds per second of load; 1 is one core. */
  cpuShare: share,
  /** Share of time that the event loop was busy; null where there is none. */
  loopUtilization: share.nullable(),
  loopLagP99Ns: nanoseconds.nullable(),
  loopLagMaxNs: nanoseconds.nullable(),
  maxRssBytes: count,
})

const loadMeasurement = z.object({
  tool: z.object({ name: z.string(), version: z.string() }),
  /** Seconds of load really driven, warm-up included. */
  seconds: z.number().nonnegative(),
  interrupted: z.boolean(),
  /** The threshold with `abortOnFail` that ended the load, and after how many seconds; absent where none did. */
  endedBy: z
    .object({ metric: z.string(), expression: z.string(), afterSeconds: z.number().nonnegative() })
    .optional(),
  /** Execution segment of k6, such as `0:1/3`, where this is a part of the load; absent for the whole. */
  segment: z.string().optional(),
  /** Request accounting, by kind of request. */
  accounting: z.array(requestAccount),
  slices: z.array(slice),
  /** What a slice covers: `phase` where summaries of pods know nothing finer; absent for a second. */
  sliceLength: z.enum(['second', 'phase']).optional(),
  /** How much later than intended requests were sent, in the measured phase; null where the tool knows no intended start. */
  lateness: z
    .object({ samples: count, p50Ns: nanoseconds, p99Ns: nanoseconds, maxNs: nanoseconds })
    .nullable(),
  connections: z.object({
    /** Opened before or during the load, reopened ones included. */
    opened: count,
    /** Opened again after the other side closed. */
    reopened: count,
    peak: count,
  }),
  /**
   * How long requests of the measured phase waited for a free connection, over all of them: those that found one count
   * as 0. Absent where the tool does not report it, and in closed models.
   */
  waits: z.object({ requests: count, waited: count, p99Ns: nanoseconds, maxNs: nanoseconds }).optional(),
  /**
   * Iterations of k6's script in the measured phase: their mean `iteration_duration`, and by how much it is longer than that
   * of their requests. Absent where there is no such thing, and in a closed model, whose iterations hold the think time.
   */
  iterations: z.object({ count, meanNs: nanoseconds, driftNs: nanoseconds }).optional(),
  workers: z.array(worker),
  /** Rows that acknowledged creations must have added, by table. */
  created: z.record(z.string(), count),
  /** What the tool says itself; null for ours. */
  toolVerdict: z
    .object({ exitCode: z.number().int().nullable(), failedThresholds: z.array(z.string()) })
    .nullable(),
  /** What the reader must know of this engine in this run. */
  notes: z.array(z.string()),
})

const stage = z.object({ seconds: z.number().positive(), fromLevel: share, toLevel: share })

/** Arrivals at a rate that do not wait for answers. */
export const openModel = z.object({
  kind: z.literal('open-model'),
  ratePerSec: z.number().positive(),
  spacing: z.enum(['uniform', 'poisson']),
})

/** Each user waits for the answer, and then for the think time. */
export const closedModel = z.object({ kind: z.literal('closed-model'), users: count.positive() })

/** A closed model without think time: as fast as answers come, a request at a time on each connection. */
export const peakModel = z.object({ kind: z.literal('peak') })

const model = z.discriminatedUnion('kind', [openModel, closedModel, peakModel])

const loadSettings = z.object({
  /** What sent: a name of `--engine`. */
  engine: z.string(),
  seed: count,
  model,
  stages: z.array(stage),
  warmUpSeconds: z.number().nonnegative(),
  /** Opened before the load; of k6, virtual users made before it. */
  connections: count,
  /** The pool could grow to so many; absent where it was fixed. */
  maxConnections: count.optional(),
  connectRatePerSec: z.number().positive(),
  timeoutMs: count,
  maxRequests: count,
  workers: count,
})

/** What this machine can do without the target: the same sender against a server that does nothing. */
const floor = z.object({
  ratePerSec: z.number(),
  p50Ns: nanoseconds,
  /** Absent in older Runs. */
  p95Ns: nanoseconds.optional(),
  p99Ns: nanoseconds,
})

/** Contention for the processors of this machine in the measured phase, as a small process beside the senders saw it. */
const host = z.object({
  /** Timers of the watcher: it asked for the processor every 10 ms and was idle otherwise. */
  samples: count,
  /** How much later than set its timers came. */
  timerLag: z.object({ p50Ns: nanoseconds, p99Ns: nanoseconds, maxNs: nanoseconds }),
  /** Of all processors together, as shares; stolen by a hypervisor. Null where the kernel does not report it. */
  cpuUtilization: share.nullable(),
  cpuSteal: share.nullable(),
  /** Pressure stall information: share of time in which some task waited for a processor (/proc/pressure/cpu). */
  cpuPressure: share.nullable(),
  /** How long threads of the senders ran, and stood ready and waited for a processor (/proc/<pid>/schedstat). */
  senders: z.object({ ranNs: nanoseconds, waitedNs: nanoseconds }).nullable(),
})

export const loadRunSchema = z.object({
  ...runHeaderSchema,
  kind: z.literal('load'),
  environment: environment.omit({ engine: true }).extend({
    openFilesLimit: count.nullable(),
    portRange: z.tuple([count, count]).nullable(),
  }),
  target: z.object({
    /** Without credentials. */
    url: z.string(),
    /** What the target says of itself (`/health` of the reference API, or the header Server). */
    server: z.record(z.string(), z.string()),
  }),
  profile: z.object({
    id: z.string(),
    title: z.string(),
    why: z.string(),
    /** SHA-256 of the profile and of the drawn rows. */
    fileDigest: z.string(),
    dataDigest: z.string(),
    mix: z.string(),
    requests: z.array(
      z.object({
        op: z.string(),
        title: z.string(),
        method: z.string(),
        weight: z.number().nonnegative(),
        status: z.number().int(),
      }),
    ),
  }),
  settings: loadSettings,
  floor: floor.nullable(),
  /** Answers of the target before the load, one request at a time; absent in Runs of other machines' summaries. */
  probe: z.object({ requests: count, medianNs: nanoseconds, maxNs: nanoseconds }).optional(),
  /** Null where the watcher failed; absent in Runs of other machines' summaries and of older versions. */
  host: host.nullable().optional(),
  measurement: loadMeasurement,
  /** Requests that the target counted meanwhile, and rows found afterwards; null where it cannot be asked. */
  reconciliation: z.object({
    received: count.nullable(),
    rows: z.array(z.object({ table: z.string(), acknowledged: count, found: count })),
  }),
  thresholds: z.array(
    z.object({
      metric: z.string(),
      expression: z.string(),
      /** The load ends once it fails (`abortOnFail`), looked at from so many seconds after its start on; absent where not. */
      abortAfterSeconds: z.number().nonnegative().optional(),
    }),
  ),
})

/** Everything one `forgebench load` measured; one JSON file. */
export type LoadRun = DeepReadonly<z.infer<typeof loadRunSchema>>
export type LoadMeasurement = LoadRun['measurement']
/** What became of the requests of one kind. */
export type RequestAccount = LoadMeasurement['accounting'][number]
export type LoadSlice = LoadMeasurement['slices'][number]
export type LoadWorker = LoadMeasurement['workers'][number]
export type LoadSettings = LoadRun['settings']
