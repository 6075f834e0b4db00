import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { UsageError } from '../core/errors.ts'
import { gateRunSchema, type GateRun } from './gate-run.ts'
import { runFormatVersion, runSchema, type Run, type ScenarioRun, type Slices } from './run.ts'

/**
 * Reads and checks a Run file.
 * @throws UsageError RUN_UNREADABLE, RUN_NOT_JSON (truncated, say), RUN_NOT_A_RUN, RUN_TOO_NEW or RUN_DAMAGED
 */
export async function readRun(path: string): Promise<Run> {
  return parseRun(await readText(path), path)
}

/** Checks the text of a Run file; `name` stands in the messages. Throws as `readRun`. */
export function parseRun(text: string, name: string): Run {
  const run = parseAs(runSchema, undefined, text, name)
  refuseRaggedSlices(run.scenarios, name)
  return run
}

/** Reads and checks the Run of a gate. Throws as `readRun`. */
export async function readGateRun(path: string): Promise<GateRun> {
  return parseGateRun(await readText(path), path)
}

/** As `parseRun`, for the Run of a gate. */
export function parseGateRun(text: string, name: string): GateRun {
  const run = parseAs(gateRunSchema, 'gate', text, name)
  refuseRaggedSlices([run.scenario], name)
  return run
}

function parseAs<T>(schema: z.ZodType<T>, kind: string | undefined, text: string, name: string): T {
  const value = parseJson(text, name)
  const found = (typeof value === 'object' && value !== null ? value : {}) as {
    format?: unknown
    version?: unknown
    kind?: unknown
  }
  if (found.format !== 'forgebench-run') {
    throw new UsageError('RUN_NOT_A_RUN', `${name}: JSON, but not a Run; ${remedy}`)
  }
  if (typeof found.version === 'number' && found.version > runFormatVersion) {
    throw new UsageError(
      'RUN_TOO_NEW',
      `${name}: a Run of format version ${found.version}, but this forgebench reads up to ${runFormatVersion}; read it with a newer forgebench`,
    )
  }
  if (found.kind !== kind) {
    const words = (of: unknown): string =>
      typeof of === 'string' ? `\`forgebench ${of}\`` : '`forgebench run`'
    throw new UsageError(
      'RUN_OF_ANOTHER_KIND',
      `${name}: a Run of ${words(found.kind)}; name one that ${words(kind)} wrote`,
    )
  }
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  throw damaged(name, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`)
}

const remedy = 'name a run.json that `forgebench run` wrote'

const damaged = (name: string, where: string): UsageError =>
  new UsageError(
    'RUN_DAMAGED',
    `${name}: not a valid Run (${where}); restore the file as it was written, or measure again with \`forgebench run\``,
  )

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder, not a file' : code
    throw new UsageError('RUN_UNREADABLE', `${path}: cannot be read (${why}); ${remedy}`, { cause: error })
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const what = text.trim() === '' ? 'empty' : 'not JSON, or cut off in the middle'
    throw new UsageError('RUN_NOT_JSON', `${name}: ${what}; ${remedy}`, { cause: error })
  }
}

function refuseRaggedSlices(scenarios: readonly ScenarioRun[], name: string): void {
  for (const scenario of scenarios) {
    for (const { operation, variant, slices } of scenario.timings) {
      const columns = Object.values(slices) as readonly Slices['round'][]
      if (columns.some((column) => column.length !== slices.round.length)) {
        throw damaged(name, `${scenario.id}, ${operation} on ${variant}: slice columns of unequal length`)
      }
    }
  }
}
