import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostileText, runnerCommands } from '../../fixtures/hostile-text.ts'
import { outside, outsideJson, outsideLine, outsideText } from './outside-text.ts'

/** Every control, format character and half of a pair but line feed, tab and joiners. */
const notShown = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u

describe('outsideText', () => {
  test.each([
    ['an escape sequence of a terminal', '\u001b]0;owned\u0007\u001b[2J', '\\x1b]0;owned\\x07\\x1b[2J'],
    ['a carriage return, which overwrites the line', 'ok\rPASS', 'ok\\x0dPASS'],
    ['C1 and DEL', '\u009b31m\u007f', '\\x9b31m\\x7f'],
    ['a text that runs backwards', 'a\u202etxt.exe\u2066', 'a\\u202etxt.exe\\u2066'],
    ['separators of lines', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['half a pair', 'a\ud83e', 'a\ufffd'],
    ['a command of GitHub', '::error file=x::boo', ':\\:error file=x::boo'],
    ['a command after text', 'a\n  ::add-mask::x', 'a\n  :\\:add-mask::x'],
    ['an old command of GitHub', 'a ##[error]boo', 'a ##\\[error]boo'],
    ['a command of Azure', '##vso[task.complete]', '##vso\\[task.complete]'],
  ])('%s is shown and does nothing', (_name, text, shown) => expect(outsideText(text)).toBe(shown))

  test.each(['http://[::1]:8787', 'SELECT 1\n\tFROM t', 'ä é 日本 👩‍👩‍👧 نص', 'std::vector', '# [x]'])(
    'an ordinary text stays as it is: %j',
    (text) => expect(outsideText(text)).toBe(text),
  )

  test('whatever comes from outside: nothing unseen, no command, and nothing more the second time', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = outsideText(text)
        expect(shown).not.toMatch(notShown)
        expect(runnerCommands(shown)).toEqual([])
        expect(outsideText(shown)).toBe(shown)
      }),
      { numRuns: 1000 },
    )
  })

  test('where one line is due, a line feed and a tab are escapes too, and nothing more the second time', () => {
    expect(outsideLine('one\r\ntwo\tthree')).toBe('one\\ntwo\\tthree')
    expect(outside({ a: ['b\nc'] }, outsideLine)).toEqual({ a: ['b\\nc'] })
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = outsideLine(text)
        expect(shown).not.toMatch(/[\n\t]/)
        expect(runnerCommands(shown)).toEqual([])
        expect(outsideLine(shown)).toBe(shown)
      }),
    )
  })

  test('every text in a value is reached, and the shape stays', () => {
    const value = { 'a\u0007': ['\u001b', 1, null, { b: '::error::' }], n: [1, 2], u: undefined }
    expect(outside(value)).toEqual({
      'a\\x07': ['\\x1b', 1, null, { b: ':\\:error::' }],
      n: [1, 2],
      u: undefined,
    })
  })
})

test('outsideJson gives JSON that means the same and has nothing unseen and no command in it', () => {
  fc.assert(
    fc.property(fc.dictionary(hostileText, hostileText), (value) => {
      const json = outsideJson(JSON.stringify(value, null, 2))
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(json).not.toMatch(notShown)
      expect(runnerCommands(json)).toEqual([])
    }),
    { numRuns: 1000 },
  )
})
