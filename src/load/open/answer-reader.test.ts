import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnswerReader, type Reading } from './answer-reader.ts'

/** Pushes a text in parts that end at the given places; what the last part that was read came to. */
function read(text: string, cuts: readonly number[] = [], method = 'GET'): [Reading, AnswerReader] {
  const reader = new AnswerReader()
  reader.begin(method)
  const bytes = Buffer.from(text, 'latin1')
  const places = [...new Set([...cuts.map((cut) => cut % bytes.length), bytes.length])].toSorted(
    (a, b) => a - b,
  )
  let from = 0
  let reading: Reading = 'more'
  for (const to of places) {
    if (to === from) continue
    const part = Buffer.from(bytes.subarray(from, to))
    reading = reader.push(part)
    // Whoever reads next writes over it.
    part.fill(0)
    if (reading !== 'more') break
    from = to
  }
  return [reading, reader]
}

const ok = 'HTTP/1.1 200 OK\r\n'

describe('an answer', () => {
  test.each<[string, string, Reading, number]>([
    ['with a length', `${ok}content-length: 2\r\n\r\n{}`, 'answered', 200],
    ['with a length, cut off', `${ok}content-length: 3\r\n\r\n{}`, 'more', 200],
    ['with more than its length', `${ok}content-length: 1\r\n\r\n{}`, 'excess', 200],
    ['in chunks', `${ok}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n`, 'answered', 200],
    [
      'in chunks with a trailer',
      `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\na: b\r\n\r\n`,
      'answered',
      200,
    ],
    ['in chunks, the last one missing', `${ok}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`, 'more', 200],
    ['whose chunk has no size', `${ok}transfer-encoding: chunked\r\n\r\n\r\n`, 'broken', 200],
    [
      'whose chunk is longer than it says',
      `${ok}transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n`,
      'broken',
      200,
    ],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', 'answered', 204],
    ['without a reason', 'HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n', 'answered', 404],
    [
      'after another that is not yet one',
      `HTTP/1.1 100 Continue\r\n\r\n${ok}content-length: 0\r\n\r\n`,
      'answered',
      200,
    ],
    ['that ends with its connection', `${ok}\r\n{}`, 'more', 200],
    ['of another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'broken', 0],
    ['that changes the protocol', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'broken', 0],
    ['with two lengths', `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`, 'broken', 0],
    ['with a length that is none', `${ok}content-length: -1\r\n\r\n{}`, 'broken', 0],
    ['with a line that is no header', `${ok}no header\r\n\r\n`, 'broken', 0],
    ['whose head has 40 kB', `${ok}a: ${'b'.repeat(40_000)}\r\ncontent-length: 0\r\n\r\n`, 'answered', 200],
    ['whose head has no end', ok + 'a: b\r\n'.repeat(50_000), 'broken', 0],
    [
      'without a body, whatever its length says',
      'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n',
      'answered',
      204,
    ],
  ])('%s, however its bytes are cut into parts', (_, text, expected, status) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        const [reading, reader] = read(text, cuts)
        // Parts that end where the answer ends leave the rest for later.
        expect(reading === 'answered' ? [expected, 'answered'] : [reading]).toContain(
          expected === 'excess' && reading === 'answered' ? 'answered' : expected,
        )
        expect(reader.status).toBe(status)
      }),
      { numRuns: 60 },
    )
  })

  test('to HEAD has no body, whatever its length says', () => {
    expect(read(`${ok}content-length: 5\r\n\r\n`, [], 'HEAD')[0]).toBe('answered')
  })

  test.each([
    ['HTTP/1.1 200 OK\r\n', true],
    ['HTTP/1.1 200 OK\r\nConnection: close\r\n', false],
    ['HTTP/1.1 200 OK\r\nConnection: Foo, Close\r\n', false],
    ['HTTP/1.0 200 OK\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n', true],
  ])('%j lets its connection stay: %s', (head, stays) => {
    expect(read(`${head}content-length: 0\r\n\r\n`)[1].mayStay).toBe(stays)
  })

  test('says for how long its connection may be idle, and whether it is a web page', () => {
    const [, reader] = read(
      `${ok}Keep-Alive: max=9, timeout=5\r\nContent-Type: Text/HTML\r\ncontent-length: 0\r\n\r\n`,
    )
    expect(reader).toMatchObject({ keepAliveSeconds: 5, isHtml: true })
    expect(read(`${ok}content-type: application/json\r\ncontent-length: 0\r\n\r\n`)[1]).toMatchObject({
      keepAliveSeconds: NaN,
      isHtml: false,
    })
  })

  test('of arbitrary bytes is read without an error', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(), { maxLength: 4 }), (rest, cuts) => {
        expect(['more', 'answered', 'excess', 'broken']).toContain(
          read(`${ok}${rest}\r\n\r\n${rest}`, cuts)[0],
        )
      }),
    )
  })
})
