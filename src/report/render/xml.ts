/** An element of XML; its text may hold any characters. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly content: readonly (XmlElement | string)[]
}

export const element = (
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  content: readonly (XmlElement | string)[] = [],
): XmlElement => ({ name, attributes, content })

/** An XML 1.0 document in UTF-8, one element a line. */
export const xmlDocument = (root: XmlElement): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(root, '')}`

function elementText({ name, attributes, content }: XmlElement, indent: string): string {
  const head = `${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapedAttribute(value)}"`)
    .join('')}`
  const [only] = content
  if (content.length === 0) return `${indent}<${head}/>\n`
  if (typeof only === 'string' && content.length === 1) {
    return `${indent}<${head}>${escapedText(only)}</${name}>\n`
  }
  const inner = content.map((each) =>
    typeof each === 'string' ? escapedText(each) : elementText(each, `${indent}  `),
  )
  return `${indent}<${head}>\n${inner.join('')}${indent}</${name}>\n`
}

const escapedText = (text: string): string =>
  allowed(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')

/** Parsers turn line ends and tabs in attributes into spaces, unless they are references. */
const escapedAttribute = (text: string): string =>
  escapedText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')

/**
 * What XML 1.0 has no character for, not even as a reference (§2.2): control characters, halves of surrogate pairs,
 * U+FFFE and U+FFFF. They become U+FFFD.
 */
const allowed = (text: string): string =>
  text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
