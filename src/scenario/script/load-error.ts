import { errorText, messageOf } from '../../core/error-text.ts'
import { UsageError } from '../../core/errors.ts'

/** What a file that users write is meant to be; the word stands in messages and, in capitals, in error codes. */
export type ScriptKind = 'scenario' | 'sweep' | 'profile' | 'configuration'

/** Why a file that a user wrote could not be loaded, in one line that begins with its path, and its line where that is known. */
export function loadError(error: unknown, path: string, shown: string, kind: ScriptKind): UsageError {
  const prefix = kind.toUpperCase()
  const text = messageOf(error)
  const syntax = /ParseError:\s*(?<what>.*?)\s*\n\s*(?<file>.+?):(?<line>\d+):\d+/s.exec(text)?.groups
  if (syntax !== undefined) {
    const where = syntax['file'] === path ? shown : syntax['file']
    return new UsageError(`${prefix}_SYNTAX`, `${where}:${syntax['line']}: syntax error: ${syntax['what']}`, {
      cause: error,
    })
  }
  const missing = /^Cannot find (?:module|package) '(?<name>[^']+)'/.exec(text)?.groups?.['name']
  if (missing !== undefined) {
    const fix = /^[./]/.test(missing) ? 'check its path' : `install it beside the ${kind}, or do without it`
    return new UsageError(`${prefix}_IMPORT`, `${shown}: cannot find its import ${missing}; ${fix}`, {
      cause: error,
    })
  }
  const line = lineOf(error, path)
  return new UsageError(
    `${prefix}_THROWS`,
    `${shown}${line === undefined ? '' : `:${line}`}: throws while it loads: ${errorText(error)}`,
    { cause: error },
  )
}

/** The line of the file in the innermost frame that lies in it. */
function lineOf(error: unknown, path: string): string | undefined {
  const frames = error instanceof Error && typeof error.stack === 'string' ? error.stack.split('\n') : []
  const frame = frames.find((text) => text.includes(`${path}:`))
  return frame?.slice(frame.indexOf(`${path}:`) + path.length + 1).match(/^\d+/)?.[0]
}
