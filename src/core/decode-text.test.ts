import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'

const mark = '\u{feff}'

test('a byte order mark is no part of the text, in UTF-8 and in UTF-16', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const swapped = Buffer.from(mark + text, 'utf16le').swap16()
      expect(decodeText(Buffer.from(mark + text))).toBe(text)
      expect(decodeText(Buffer.from(mark + text, 'utf16le'))).toBe(text)
      expect(decodeText(swapped)).toBe(text)
    }),
  )
})

test('a text without a mark is as it was, and what is not UTF-8 is shown as such', () => {
  expect(decodeText(Buffer.from('{"a": "ä"}'))).toBe('{"a": "ä"}')
  expect(decodeText(Buffer.from([0x61, 0xff]))).toBe('a\u{fffd}')
  expect(decodeText(new Uint8Array())).toBe('')
})
