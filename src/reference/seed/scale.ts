import { UsageError } from '../../core/errors.ts'

export type TableName = 'prompt_templates' | 'prompts' | 'evaluations' | 'test_results'

/** Tables in the order in which they are filled: what is referred to comes first. */
export const tableNames: readonly TableName[] = ['prompt_templates', 'prompts', 'evaluations', 'test_results']

export type RowCounts = Readonly<Record<TableName, number>>

const smallestScale = 0.01
const largestScale = 100
const largestSeed = 0xffff_ffff

/**
 * Rows per table at a scale; scale 1 has 10,000 prompts, 30,000 evaluations and 300,000 test results.
 * @throws UsageError SEED_SCALE outside of 0.01 to 100
 */
export function rowCounts(scale: number): RowCounts {
  if (!(scale >= smallestScale && scale <= largestScale)) {
    throw new UsageError(
      'SEED_SCALE',
      `scale ${scale} is out of range; give a number from ${smallestScale} to ${largestScale}`,
    )
  }
  const prompts = Math.round(10_000 * scale)
  return {
    prompt_templates: Math.max(40, Math.round(200 * Math.sqrt(scale))),
    prompts,
    evaluations: prompts * 3,
    test_results: prompts * 30,
  }
}

/** The number of users behind the prompts; they have no table of their own. */
export function userCount(scale: number): number {
  return Math.max(20, Math.round(500 * scale))
}

/** @throws UsageError SEED_NUMBER unless the seed is an integer from 0 to 2^32 - 1 */
export function checkSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > largestSeed) {
    throw new UsageError('SEED_NUMBER', `seed ${seed} is no whole number from 0 to ${largestSeed}`)
  }
}

/** All rows of all tables. */
export const totalRows = (counts: RowCounts): number =>
  tableNames.reduce((sum, table) => sum + counts[table], 0)
