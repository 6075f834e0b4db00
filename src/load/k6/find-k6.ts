import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../../core/child-environment.ts'
import { UsageError } from '../../core/errors.ts'
import { cacheFolder } from '../../target/cache-folder.ts'

export interface K6 {
  /** Absolute. */
  readonly path: string
  /** Such as `2.2.0`. */
  readonly version: string
}

type Environment = Readonly<Record<string, string | undefined>>

const leastMajor = 2
const fix =
  'install it with: go install go.k6.io/k6/v2@v2.2.0, or name one with K6_BIN=/path/to/k6; the other engines need none'

/**
 * The k6 to run: `K6_BIN`, else the first one on PATH, else the one that `.ci/k6` has built in the cache folder.
 * @throws UsageError K6_NOT_FOUND, K6_BROKEN or K6_TOO_OLD
 */
export async function findK6(environment: Environment = process.env): Promise<K6> {
  const path = await pathOfK6(environment)
  const version = await versionOf(path)
  if (Number.parseInt(version, 10) < leastMajor) {
    throw new UsageError('K6_TOO_OLD', `${path} is k6 ${version}, and 2.0 or later is needed; ${fix}`)
  }
  return { path, version }
}

async function pathOfK6(environment: Environment): Promise<string> {
  const named = environment['K6_BIN'] ?? ''
  if (named !== '') {
    if (await isRunnable(resolve(named))) return resolve(named)
    throw new UsageError('K6_NOT_FOUND', `K6_BIN names ${named}, which is no program that can be run; ${fix}`)
  }
  const file = process.platform === 'win32' ? 'k6.exe' : 'k6'
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of [...folders, join(cacheFolder(environment), 'k6')]) {
    const path = resolve(folder, file)
    if (await isRunnable(path)) return path
  }
  throw new UsageError('K6_NOT_FOUND', `no k6 on PATH; ${fix}`)
}

const isRunnable = async (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['version'], {
    env: childEnvironment(),
    timeout: 30_000,
  }).catch((error: unknown) => {
    throw new UsageError('K6_BROKEN', `${path} does not start; ${fix}`, { cause: error })
  })
  const version = /^k6(?:\.exe)? v(\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1]
  if (version === undefined) throw new UsageError('K6_BROKEN', `${path} is no k6; ${fix}`)
  return version
}
