import { errorAt } from '../../core/error-text.ts'
import { runInChild } from '../../measure/child-process.ts'
import type { MeasuredVariant, Measurement } from './measurement.ts'

/**
 * Does a task of a variant in a process of its own. Its errors name the scenario, the variant and `step`, unless it is
 * empty: then they name them themselves. Where our copies lie says nothing to anybody.
 * @throws as `runInChild`
 */
export const inVariantProcess = <T, R>(
  { loaded, options }: Measurement,
  { id, stage, clonePath }: MeasuredVariant,
  step: string,
  entry: URL,
  task: T,
): Promise<R> =>
  runInChild<T, R>(entry, task, options.signal).catch((error: unknown) => {
    const place = step === '' ? '' : `${loaded.id}, ${id}, ${step}`
    throw errorAt(place, error, [stage.path, clonePath])
  })
