import { redacted, redactedJson } from './secrets.ts'

/**
 * Characters that a terminal obeys, that turn the direction of a text or hide in it, and halves of surrogate pairs:
 * control characters but line feed and tab, bidirectional controls, line and paragraph separators, what has no width (but
 * joiners, which scripts and emoji need), and tags.
 */
const unshown =
  /(?![\n\t])\p{Cc}|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/**
 * A text from outside (a server's answer, a Run of somebody else, an error of a tool), as every report and message may
 * hold it: secrets are hidden, what cannot be seen is written as an escape, and no part of it is a command of the CI
 * system that reads our output. Line feeds and tabs stay. Applied twice, it changes nothing more.
 */
export const outsideText = (text: string): string =>
  withoutCommands(
    redacted(text)
      .replaceAll('\r\n', '\n')
      .replaceAll(unshown, (character) => escapeOf(character.codePointAt(0) ?? 0)),
  )

/** As `outsideText` where one line is due: line feeds and tabs are written as escapes too. */
export const outsideLine = (text: string): string =>
  outsideText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t')

function escapeOf(code: number): string {
  if (code >= 0xd800 && code <= 0xdfff) return '\u{fffd}'
  const hex = code.toString(16)
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`
}

/**
 * The text without commands of CI systems: `::error …::` of GitHub Actions at the start of a line, and `##[…]` of GitHub
 * and Azure, `##vso[…]`, `##teamcity[…]` wherever they stand (actions/runner, ActionCommand.cs). A backslash breaks them.
 */
export const withoutCommands = (text: string): string =>
  text
    .replaceAll(/::(?=[a-z][\w-]*(?:[ \t][^\n]*?)?::)/gi, ':\\:')
    .replaceAll(/##(vso|teamcity)?\[/gi, '##$1\\[')

/** As `outsideText` or `outsideLine`, for every text in a value of plain objects and arrays, names of fields included. */
export function outside<T>(value: T, shown: (text: string) => string = outsideText): T {
  return deepOutside(value, shown) as T
}

function deepOutside(value: unknown, shown: (text: string) => string): unknown {
  const deep = (each: unknown): unknown => deepOutside(each, shown)
  if (typeof value === 'string') return shown(value)
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(deep)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [shown(key), deep(each)]))
}

/**
 * JSON that means the same, for a terminal or a log: what `outsideText` escapes is escaped as JSON does it. Secrets are
 * hidden.
 */
export const outsideJson = (json: string): string =>
  redactedJson(json)
    .replaceAll(unshown, (character) => (character === '\r' ? character : unitEscapes(character)))
    .replaceAll(/##(?=(?:vso|teamcity)?\[)/gi, '#\\u0023')
    .replaceAll(/::(?=[a-z])/gi, ':\\u003a')

const unitEscapes = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
