import { readFileSync } from 'node:fs'

/** The version of this forgebench, as its package says. */
export function forgebenchVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}
