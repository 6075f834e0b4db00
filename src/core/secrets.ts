const known = new Map<string, RegExp>()

/** What stands in the place of a secret. */
const hidden = '***'

/** Makes `redacted` hide a secret from now on, as it is and as JSON and URLs write it. */
export function keepSecret(secret: string): void {
  if (secret === '' || known.has(secret)) return
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
  // The longest first: one form may be the beginning of another.
  const longestFirst = [...forms].toSorted((a, b) => b.length - a.length)
  const any = longestFirst.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('|')
  // A short one, such as «dev», is also a part of words, and these say nothing of it.
  known.set(secret, new RegExp(secret.length < 8 ? `(?<![\\w])(?:${any})(?![\\w])` : any, 'g'))
}

/** Name and password of a URL, and parameters that are named like secrets. */
const inUrl = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]+@/gi
const inQuery = /([?&](?:[\w-]*token|api[-_]?key|password|secret|jwt)=)[^\s&#"'<>]+/gi

/** The text without the secrets that this process knows of, and without credentials in URLs. */
export function redacted(text: string): string {
  let rest = text
  for (const pattern of known.values()) rest = rest.replaceAll(pattern, hidden)
  return rest.replaceAll(inUrl, `$1${hidden}@`).replaceAll(inQuery, `$1${hidden}`)
}

/** As `redacted`, in the strings of a JSON text alone: a number is no secret, and must stay one. */
export const redactedJson = (json: string): string =>
  json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, (literal) => {
    const text = JSON.parse(literal) as string
    const shown = redacted(text)
    return shown === text ? literal : JSON.stringify(shown)
  })
