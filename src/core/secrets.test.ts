import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outsideText } from './outside-text.ts'
import { keepSecret, redacted, redactedJson } from './secrets.ts'

describe('a secret that is known', () => {
  test('is hidden in every form, wherever it stands', () => {
    const anySecret = fc.string({ unit: fc.constantFrom(...'aZ09+/=."\\$&%-_'.split('')), minLength: 8 })
    fc.assert(
      fc.property(anySecret, fc.string(), fc.string(), (secret, before, after) => {
        keepSecret(secret)
        for (const form of [secret, JSON.stringify(secret), encodeURIComponent(secret)]) {
          expect(redacted(before + form + after)).not.toContain(secret)
          expect(outsideText(before + form + after)).not.toContain(secret)
        }
        const json = JSON.stringify({ said: before + secret + after })
        expect(JSON.stringify(JSON.parse(redactedJson(json)))).not.toContain(
          JSON.stringify(secret).slice(1, -1),
        )
      }),
    )
  })

  test('does not spoil words or numbers where it is short', () => {
    keepSecret('dev')
    expect(redacted('Bearer dev, /dev/null, developer')).toBe('Bearer ***, /***/null, developer')
    keepSecret('12345678')
    expect(redactedJson('{"n": 12345678, "s": "12345678"}')).toBe('{"n": 12345678, "s": "***"}')
  })
})

test.each([
  ['git:https://x:ghp_abc@github.com/o/r.git:HEAD', 'git:https://***@github.com/o/r.git:HEAD'],
  ['libsql://db.example.org?authToken=eyJ.a&tls=1', 'libsql://db.example.org?authToken=***&tls=1'],
  ['see https://a.org/@scope/b?page=1', 'see https://a.org/@scope/b?page=1'],
  ['http://u:p@[::1]:80/x and me@example.org', 'http://***@[::1]:80/x and me@example.org'],
])('credentials in URLs are hidden: %s', (text, shown) => expect(redacted(text)).toBe(shown))
