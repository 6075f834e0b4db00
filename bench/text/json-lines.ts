import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** The values of a file of JSON lines; none where there is no file. A line that an interruption cut off is none. */
export function readJsonLines(file: string): readonly unknown[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown]
    } catch {
      return []
    }
  })
}

export const appendJsonLine = (file: string, value: object): void =>
  appendFileSync(file, `${JSON.stringify(value)}\n`)
