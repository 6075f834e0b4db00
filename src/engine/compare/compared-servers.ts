import { constants } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { forkApi, type ForkedApi } from '../../reference/api/fork-api.ts'
import type { Stage } from '../../stage/stage.ts'
import { asFileError } from '../../target/file-error.ts'
import type { ComparedVariant } from './plan-comparison.ts'

/** Throw-away copies of the staged databases, which servers write to; the stages stay as they are. */
export class ComparedDatabases {
  readonly folder: string
  readonly paths: readonly string[]

  private constructor(folder: string, paths: readonly string[]) {
    this.folder = folder
    this.paths = paths
  }

  /** `stages[v]` belongs to `variants[v]`. @throws TargetError when the disk is full */
  static async make(
    variants: readonly ComparedVariant[],
    stages: readonly Stage[],
  ): Promise<ComparedDatabases> {
    // Beside the stages, so that file systems that can share the bytes do.
    const folder = await mkdtemp(join(dirname(dirname(stages[0]?.path ?? '')), `clones-${process.pid}-`))
    try {
      const paths = []
      for (const [index] of variants.entries()) {
        const path = join(folder, `${index}.db`)
        await copyFile(stages[index]?.path ?? '', path, constants.COPYFILE_FICLONE)
        paths.push(path)
      }
      return new ComparedDatabases(folder, paths)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw asFileError(error, folder)
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Serves each database by a fresh process of the reference API while `work` runs. */
export async function withServers<T>(
  paths: readonly string[],
  work: (servers: readonly ForkedApi[]) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled(
    paths.map((path) => forkApi({ location: { kind: 'file', path }, port: 0, host: '127.0.0.1' })),
  )
  const servers = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  try {
    const failed = started.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return await work(servers)
  } finally {
    await Promise.all(servers.map((server) => server.close()))
  }
}
