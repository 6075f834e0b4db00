/** The text with halves of surrogate pairs replaced by U+FFFD: consumers read UTF-8, which cannot hold them. */
export const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\u{fffd}')
