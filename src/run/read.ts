import { readFile } from 'node:fs/promises'
import { decodeText } from '../core/decode-text.ts'
import { UsageError } from '../core/errors.ts'
import { decodeSamples } from '../stats/encoded-samples.ts'
import type { GateRun } from './gate/gate-run.ts'
import {
  isGateRun,
  isLoadComparison,
  isLoadRun,
  isSweepRun,
  runKinds,
  schemaOfKind,
  type AnyRun,
} from './any-run.ts'
import type { LoadRun } from './load/load-run.ts'
import { loadSamples } from './load/load-samples.ts'
import type { ComparisonSlice } from './load/load-comparison.ts'
import { runFormatVersion, type Run, type ScenarioRun } from './run.ts'
import { sampledRounds } from './timed-rounds.ts'
import { parseThreshold } from './threshold.ts'

/**
 * Reads and checks a Run file of any kind.
 * @throws UsageError RUN_UNREADABLE, RUN_NOT_JSON (truncated, say), RUN_NOT_A_RUN, RUN_TOO_NEW, RUN_TOO_OLD,
 * RUN_KIND_UNKNOWN or RUN_DAMAGED
 */
export async function readRun(path: string): Promise<AnyRun> {
  return parseRun(await readText(path), path)
}

/** Checks the text of a Run file; `name` stands in the messages. Throws as `readRun`. */
export function parseRun(text: string, name: string): AnyRun {
  const value = parseJson(text, name)
  const { format, version, kind } = (typeof value === 'object' && value !== null ? value : {}) as {
    format?: unknown
    version?: unknown
    kind?: unknown
  }
  if (format !== 'forgebench-run') {
    throw new UsageError('RUN_NOT_A_RUN', `${name}: JSON, but not a Run; ${fix}`)
  }
  if (typeof version === 'number' && version > runFormatVersion) {
    throw new UsageError(
      'RUN_TOO_NEW',
      `${name}: a Run of format version ${version}, but this forgebench reads up to ${runFormatVersion}; read it with a newer forgebench`,
    )
  }
  if (typeof version === 'number' && version < runFormatVersion) {
    throw new UsageError(
      'RUN_TOO_OLD',
      `${name}: a Run of format version ${version}, which a newer one has replaced; this forgebench reads version ${runFormatVersion}: measure again`,
    )
  }
  const schema = schemaOfKind(kind)
  if (schema === undefined) {
    throw new UsageError(
      'RUN_KIND_UNKNOWN',
      `${name}: a Run of the kind ${JSON.stringify(kind)}, but this forgebench reads only scenarios and ${Object.keys(runKinds).join(', ')}; read it with a newer forgebench`,
    )
  }
  const checked = schema.safeParse(value)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw damaged(name, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`)
  }
  const run = checked.data
  if (isLoadRun(run)) refuseUnjudgeable(run, name)
  else if (isLoadComparison(run)) refuseBrokenSlices(run.slices, name)
  else if (!isSweepRun(run)) refuseBrokenSamples(isGateRun(run) ? [run.scenario] : run.scenarios, name)
  return run
}

/**
 * Reads and checks a Run of scenarios, such as a baseline.
 * @throws UsageError as `readRun`, and RUN_OF_ANOTHER_KIND
 */
export async function readScenarioRun(path: string): Promise<Run> {
  const run = await readRun(path)
  if (!('kind' in run)) return run
  throw new UsageError(
    'RUN_OF_ANOTHER_KIND',
    `${path}: a Run of the kind ${run.kind}, not of scenarios; name one that \`forgebench run\` or \`gate save\` wrote`,
  )
}

/**
 * Checks the text of a Run file that a gate wrote.
 * @throws UsageError as `parseRun`, and RUN_OF_ANOTHER_KIND
 */
export function parseGateRun(text: string, name: string): GateRun {
  const run = parseRun(text, name)
  if (isGateRun(run)) return run
  throw new UsageError(
    'RUN_OF_ANOTHER_KIND',
    `${name}: not the Run of a gate; name one that \`forgebench gate compare\` wrote`,
  )
}

const fix = 'name a run.json that `forgebench run`, `gate` or `load` wrote'

const damaged = (name: string, where: string): UsageError =>
  new UsageError(
    'RUN_DAMAGED',
    `${name}: not a valid Run (${where}); restore the file as it was written, or measure again`,
  )

async function readText(path: string): Promise<string> {
  try {
    return decodeText(await readFile(path))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder, not a file' : code
    throw new UsageError('RUN_UNREADABLE', `${path}: cannot be read (${why}); ${fix}`, { cause: error })
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const what = text.trim() === '' ? 'empty' : 'not JSON, or cut off in the middle'
    throw new UsageError('RUN_NOT_JSON', `${name}: ${what}; ${fix}`, { cause: error })
  }
}

/** What a schema cannot see: samples that cannot be decoded. */
function refuseBrokenSamples(scenarios: readonly ScenarioRun[], name: string): void {
  for (const scenario of scenarios) {
    for (const timing of scenario.timings) {
      try {
        sampledRounds(timing)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw damaged(name, `${scenario.id}, ${timing.operation} on ${timing.variant}: ${why}`)
      }
    }
  }
}

function refuseBrokenSlices(slices: readonly ComparisonSlice[], name: string): void {
  for (const [index, { samplesNs }] of slices.entries()) {
    try {
      decodeSamples(samplesNs)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw damaged(name, `slices.${index}: ${why}`)
    }
  }
}

/** What a schema cannot see: histograms that cannot be read, and thresholds that say nothing. */
function refuseUnjudgeable(run: LoadRun, name: string): void {
  try {
    loadSamples(run)
    for (const { metric, expression } of run.thresholds) {
      parseThreshold(metric, expression, { place: 'thresholds' })
    }
  } catch (error) {
    throw damaged(name, error instanceof Error ? error.message : String(error))
  }
}
