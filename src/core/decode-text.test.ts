import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePieces, decodeText } from './decode-text.ts'

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

test('a text in pieces is the text of the whole, wherever the bytes are cut', () => {
  const bytes = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(mark + text)),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(mark + text, 'utf16le')),
    fc.uint8Array(),
  )
  fc.assert(
    fc.property(bytes, fc.infiniteStream(fc.integer({ min: 2, max: 5 })), (whole, lengths) => {
      const pieces: Uint8Array[] = []
      for (let at = 0; at < whole.length; at += pieces.at(-1)!.length)
        pieces.push(whole.subarray(at, at + lengths.next().value!))
      const texts = [...decodePieces(pieces)]
      expect(texts.join('')).toBe(decodeText(whole))
      // A pair of surrogates in two pieces would be escaped, and the checksum of a migration depend on the cuts.
      const json = (text: string): string => JSON.stringify(text).slice(1, -1)
      expect(texts.map(json).join('')).toBe(json(decodeText(whole)))
    }),
  )
})
