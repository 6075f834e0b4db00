import { sumCounts } from '../../core/sum-counts.ts'
import type { LoadMeasurement, LoadRun, LoadSlice } from '../../run/load/load-run.ts'
import { mergeAccounting, mergeSlices } from '../worker/merge-measurements.ts'
import type { LoadPart } from './load-part.ts'

type Parts = readonly [LoadPart, ...LoadPart[]]

/** What parts of one load measured together. Counts and histograms add up; of lateness, the worst part stands. */
export function mergeParts(parts: Parts): LoadMeasurement {
  const all = parts.map(({ measurement }) => measurement)
  const isByPhase = all.some(({ sliceLength }) => sliceLength === 'phase')
  const slices = parts.map((part) => (isByPhase ? byPhase(part) : part.measurement.slices))
  return {
    tool: {
      name: distinct(all.map(({ tool }) => tool.name)).join(', '),
      version: distinct(all.map(({ tool }) => tool.version)).join(', '),
    },
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    interrupted: all.some(({ interrupted }) => interrupted),
    accounting: mergeAccounting(all.map(({ accounting }) => accounting)),
    slices: mergeSlices(slices),
    ...(isByPhase ? { sliceLength: 'phase' as const } : {}),
    lateness: worstLateness(all),
    connections: sumCounts(all.map(({ connections }) => connections)),
    workers: all.flatMap(({ workers }) => workers),
    created: sumCounts(all.map(({ created }) => created)),
    toolVerdict: mergeToolVerdicts(all),
    notes: [...mergeNotes(parts, isByPhase), ...distinct(all.flatMap(({ notes }) => notes))],
  }
}

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** All slices of a phase in its first second, where another part knows nothing finer. */
const byPhase = ({ measurement, settings }: LoadPart): readonly LoadSlice[] =>
  mergeSlices(
    measurement.slices.map((slice) => [
      { ...slice, second: slice.phase === 'warm-up' ? 0 : Math.ceil(settings.warmUpSeconds) },
    ]),
  )

function worstLateness(all: readonly LoadMeasurement[]): LoadMeasurement['lateness'] {
  const known = all.flatMap(({ lateness }) => lateness ?? [])
  if (known.length === 0) return null
  const worst = (of: 'p50Ns' | 'p99Ns' | 'maxNs'): number => Math.max(...known.map((each) => each[of]))
  return {
    samples: known.reduce((total, { samples }) => total + samples, 0),
    p50Ns: worst('p50Ns'),
    p99Ns: worst('p99Ns'),
    maxNs: worst('maxNs'),
  }
}

function mergeToolVerdicts(all: readonly LoadMeasurement[]): LoadMeasurement['toolVerdict'] {
  const verdicts = all.flatMap(({ toolVerdict }) => toolVerdict ?? [])
  if (verdicts.length === 0) return null
  const codes = verdicts.map(({ exitCode }) => exitCode)
  const odd = codes.find((code) => code !== 0 && code !== 99)
  return {
    exitCode: odd === undefined ? (codes.includes(99) ? 99 : 0) : odd,
    failedThresholds: distinct(verdicts.flatMap(({ failedThresholds }) => failedThresholds)),
  }
}

function mergeNotes(parts: Parts, isByPhase: boolean): readonly string[] {
  const starts = parts.map(({ startedAtMs }) => startedAtMs)
  const skew = ((Math.max(...starts) - Math.min(...starts)) / 1000).toFixed(1)
  const names = parts.map(({ name, measurement: { segment } }) =>
    segment === undefined ? name : `${segment} (${name})`,
  )
  return [
    `Merged from ${parts.length === 1 ? 'one part' : `${parts.length} parts, which began within ${skew} s`}: ${names.join(', ')}.`,
    ...(isByPhase
      ? [
          'Pods sum up their latencies by percentiles: the shares of requests beyond the bounds of thresholds are exact; of any other latency the rank is, to 1 % below P90 and 0.1 % above. They know no seconds, so windows are not judged.',
        ]
      : []),
    ...(parts.length > 1 && parts.some(({ measurement }) => measurement.toolVerdict !== null)
      ? ['What k6 said of its thresholds it said of each part alone; the verdict here is of all together.']
      : []),
  ]
}

/** The settings of the whole: segments share one load, and whole loads add up. */
export function mergeSettings(parts: Parts): LoadRun['settings'] {
  const [first] = parts
  const all = parts.map(({ settings }) => settings)
  const sum = (of: (settings: LoadRun['settings']) => number): number =>
    Math.min(
      Number.MAX_SAFE_INTEGER,
      all.reduce((total, each) => total + of(each), 0),
    )
  const workers = sum((each) => each.workers)
  if (first.measurement.segment !== undefined) return { ...first.settings, workers }
  return {
    ...first.settings,
    model: sumOfModels(all.map(({ model }) => model)),
    connections: sum((each) => each.connections),
    connectRatePerSec: sum((each) => each.connectRatePerSec),
    maxRequests: sum((each) => each.maxRequests),
    workers,
  }
}

type Model = LoadRun['settings']['model']

const sumOfModels = (models: readonly Model[]): Model =>
  models.reduce((a, b) => {
    if (a.kind === 'open-model' && b.kind === 'open-model')
      return { ...a, ratePerSec: a.ratePerSec + b.ratePerSec }
    return a.kind === 'closed-model' && b.kind === 'closed-model' ? { ...a, users: a.users + b.users } : a
  })
