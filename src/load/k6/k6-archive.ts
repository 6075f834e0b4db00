import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../../core/child-environment.ts'
import { ForgebenchError, UsageError } from '../../core/errors.ts'
import type { LoadRun } from '../../run/load-run.ts'
import type { LoadPlan } from '../load-plan.ts'
import { findK6 } from './find-k6.ts'
import { writeK6Script, refuseFolder } from './k6-script.ts'
import { operatorVariables } from './k6-variables.ts'

/**
 * Writes a load as an archive of k6: script, profile, rows and options in one file, as `k6 run` takes it. What the
 * archive is told here stays in it; a token is not.
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
  const folder = await mkdtemp(join(tmpdir(), `forgebench-k6-${process.pid}-`)).catch(refuseFolder)
  try {
    const script = await writeK6Script(plan, folder).catch(refuseFolder)
    const variables = { ...operatorVariables(plan, load), DATA: plan.dataPath }
    const told = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    await promisify(execFile)(k6.path, ['archive', ...told, '-O', resolve(path), script], {
      env: childEnvironment(),
    })
  } catch (error) {
    if (error instanceof ForgebenchError) throw error
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new UsageError('K6_ARCHIVE', `k6 cannot write ${path}: ${said.trim().split('\n')[0]}`, {
      cause: error,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
