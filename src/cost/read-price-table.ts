import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { decodeText } from '../core/decode-text.ts'
import { UsageError } from '../core/errors.ts'
import { priceTableSchema, type PriceTable } from './price-table.ts'

/** The prices that come with forgebench. */
const defaultPath = fileURLToPath(new URL('../../prices/turso.json', import.meta.url))

/**
 * The price table of a file, else the one that comes with forgebench.
 * @throws UsageError PRICES_UNREADABLE, or PRICES_INVALID with every mistake on one line
 */
export async function readPriceTable(path: string = defaultPath): Promise<PriceTable> {
  const text = await readFile(path).then(decodeText, (error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder, not a file' : code
    throw new UsageError('PRICES_UNREADABLE', `${path}: cannot be read (${why}); ${fix}`, { cause: error })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError('PRICES_INVALID', `${path}: no JSON (${why}); ${fix}`, { cause: error })
  }
  const checked = priceTableSchema.safeParse(value)
  if (checked.success) return checked.data
  const mistakes = checked.error.issues.map(({ path: place, message }) =>
    place.length === 0 ? message : `${place.join('.')}: ${message}`,
  )
  throw new UsageError('PRICES_INVALID', `${path}: ${mistakes.join('; ')}; ${fix}`)
}

const fix = 'a price table has the form of prices/turso.json (docs/FILES.md)'
