import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import type { TransformOptions, TransformResult } from 'jiti'

/** Scripts that are kept; when there are more, all are transformed anew. */
const mostScripts = 500

/** How jiti begins what it makes of a script with a mistake. */
const mistake = 'exports.__JITI_ERROR__'

/**
 * Transforms a script once: loading the compiler takes longer than most commands without it. The result is kept in a file
 * of the folder, named by a digest of everything it depends on, below a digest of itself: what was damaged or written in
 * part is transformed anew. A folder that cannot be read or written costs time only.
 */
export function keptTransform(
  folder: string,
  transform: (options: TransformOptions) => string,
): (options: TransformOptions) => TransformResult {
  return (options) => {
    const path = join(folder, nameOf(options))
    const kept = readKept(path)
    if (kept !== undefined) return { code: kept }
    const code = transform(options)
    if (!code.startsWith(mistake)) keep(folder, path, code)
    return { code }
  }
}

const { version } = createRequire(import.meta.url)('jiti/package.json') as { readonly version: string }

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Where a script lies matters only to one that asks for its own URL. */
function nameOf({ filename = '', ...options }: TransformOptions): string {
  const place = options.source.includes('import.meta') ? filename : extname(filename)
  return `${digestOf(JSON.stringify([version, place, options])).slice(0, 40)}.js`
}

function readKept(path: string): string | undefined {
  try {
    const [digest, ...lines] = readFileSync(path, 'utf8').split('\n')
    const code = lines.join('\n')
    return digestOf(code) === digest ? code : undefined
  } catch {
    return undefined
  }
}

function keep(folder: string, path: string, code: string): void {
  try {
    const names = readdirSync(folder)
    if (names.length >= mostScripts) for (const name of names) rmSync(join(folder, name), { force: true })
    writeFileSync(path, `${digestOf(code)}\n${code}`)
  } catch {
    // The next command transforms it again.
  }
}
