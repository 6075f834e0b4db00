import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RequestEnds } from './request-ends.ts'

const requests = fc.array(
  fc
    .option(fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }), { nil: null })
    .map((body) =>
      body === null
        ? 'GET /items HTTP/1.1\r\nhost: here\r\n\r\n'
        : `POST /items HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\nx: y\r\n\r\n${body}`,
    ),
  { minLength: 1, maxLength: 6 },
)

test('every request ends once, wherever the bytes are cut', () => {
  fc.assert(
    fc.property(requests, fc.array(fc.nat(300), { maxLength: 8 }), (texts, cuts) => {
      const bytes = Buffer.from(texts.join(''))
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted(
        (a, b) => a - b,
      )
      const ends = new RequestEnds()
      let counted = 0
      places.slice(1).forEach((place, n) => {
        counted += ends.push(bytes.subarray(places[n]!, place))
      })
      expect(counted).toBe(texts.length)
    }),
  )
})
