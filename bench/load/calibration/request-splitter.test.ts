import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RequestSplitter } from './request-splitter.ts'

const get = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const post = (body: string): string =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const request = fc.oneof(fc.constant(get), fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map(post))

describe('RequestSplitter', () => {
  test('counts the same requests however their bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(request, { maxLength: 6 }),
        fc.infiniteStream(fc.nat({ max: 12 })),
        (all, cuts) => {
          const splitter = new RequestSplitter()
          let bytes = Buffer.from(all.join(''), 'latin1')
          let counted = 0
          while (bytes.length > 0) {
            const { value: cut } = cuts.next() as { value: number }
            counted += splitter.push(bytes.subarray(0, cut + 1))
            bytes = bytes.subarray(cut + 1)
          }
          expect(counted).toBe(all.length)
        },
      ),
    )
  })

  test('waits for the whole body', () => {
    const splitter = new RequestSplitter()
    const bytes = Buffer.from(post('12345'), 'latin1')
    expect(splitter.push(bytes.subarray(0, -1))).toBe(0)
    expect(splitter.push(bytes.subarray(-1))).toBe(1)
  })

  test('takes a body that looks like a request for a body', () => {
    expect(new RequestSplitter().push(Buffer.from(post(get) + get, 'latin1'))).toBe(2)
  })
})
