import { constants } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { asFileError } from '../../target/file-error.ts'
import type { Measurement } from './measurement.ts'

/** Throw-away copies of the databases, for operations that write; the stages stay as they are. */
export class WriteClones {
  readonly #folder: string | undefined
  readonly #paths: ReadonlyMap<string, string>

  private constructor(folder: string | undefined, paths: ReadonlyMap<string, string>) {
    this.#folder = folder
    this.#paths = paths
  }

  /** Clones the database of every variant whose writes are measured; announces itself when there is any. */
  static async make(measurement: Measurement, announce: () => void): Promise<WriteClones> {
    const { variants, stages, loaded } = measurement
    const writers = loaded.scenario.operations.some(({ kind }) => kind === 'write')
      ? variants.flatMap((variant, index) => (variant.id.endsWith(':no-stats') ? [] : [{ variant, index }]))
      : []
    const first = stages[0]
    if (writers.length === 0 || first === undefined) return new WriteClones(undefined, new Map())
    announce()
    const folder = await mkdtemp(join(dirname(dirname(first.path)), `clones-${process.pid}-`))
    const paths = new Map<string, string>()
    try {
      for (const { variant, index } of writers) {
        const path = join(folder, `${variant.id}.db`)
        await copyFile(stages[index]?.path ?? '', path, constants.COPYFILE_FICLONE)
        paths.set(variant.id, path)
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw asFileError(error, folder)
    }
    return new WriteClones(folder, paths)
  }

  /** Path of a variant's clone; null when its writes are not measured. Statistics cost writes nothing. */
  pathOf(variant: string): string | null {
    return this.#paths.get(variant) ?? null
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}
