import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../../core/child-environment.ts'
import { ForgebenchError, UsageError } from '../../core/errors.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { LoadPlan } from '../load-plan.ts'
import { findK6 } from './find-k6.ts'
import { withK6Script } from './k6-script.ts'
import { operatorVariables } from './k6-variables.ts'

/**
 * Writes a load as an archive of k6: script, profile, rows and options in one file, as `k6 run` takes it. The
 * variables are kept in the archive; a token is none of them.
 * @throws UsageError when k6 is missing or refuses
 */
export async function writeK6Archive(
  plan: LoadPlan,
  {
    path,
    ...load
  }: { readonly path: string; readonly parallelism: number; readonly thresholds: LoadRun['thresholds'] },
): Promise<void> {
  const k6 = await findK6()
  const variables = { ...operatorVariables(plan, load), DATA: plan.dataPath }
  const given = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const write = (script: string): Promise<unknown> =>
    promisify(execFile)(k6.path, ['archive', ...given, '-O', resolve(path), script], {
      env: childEnvironment(),
    })
  await withK6Script(plan, write).catch((error: unknown) => {
    if (error instanceof ForgebenchError) throw error
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new UsageError('K6_ARCHIVE', `k6 cannot write ${path}: ${said.trim().split('\n')[0]}`, {
      cause: error,
    })
  })
}
