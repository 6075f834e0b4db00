import { describe, expect, test } from 'vitest'
import { UsageError } from '../../core/errors.ts'
import { baseUrl, isLoopback, parseLoadUrl, refuseForeignHost } from './target-url.ts'

const messageOf = (work: () => unknown): string => {
  try {
    return `accepted ${String(work())}`
  } catch (error) {
    return error instanceof UsageError ? error.message : `not a UsageError: ${String(error)}`
  }
}

describe('parseLoadUrl', () => {
  test.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['https://LOCALHOST/base//', 'https://localhost/base'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('%s becomes the base %s', (text, base) => {
    expect(baseUrl(parseLoadUrl(text))).toBe(base)
  })

  test.each([
    ['localhost:8080', 'cannot be loaded; did you mean http://localhost:8080?'],
    ['127.0.0.1:8080/x', 'is not a URL; did you mean http://127.0.0.1:8080/x?'],
    ['', 'is not a URL'],
    ['ftp://localhost', 'ftp:// cannot be loaded; write http:// or https://'],
    ['http://localhost?limit=1', 'takes no ?query'],
    ['http://localhost/#top', 'takes no ?query or #part'],
  ])('%s is refused with the fix', (text, message) => {
    expect(messageOf(() => parseLoadUrl(text))).toContain(message)
  })

  test.each(['http://me:hunter2@localhost', 'http://hunter2@localhost', 'http://me:hunter2@[bad'])(
    'credentials in %s are refused, and not repeated',
    (text) => {
      const message = messageOf(() => parseLoadUrl(text))
      expect(message).toContain('--url')
      expect(message).not.toContain('hunter2')
    },
  )
})

describe('refuseForeignHost', () => {
  test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
    expect(isLoopback(address)).toBe(true)
  })

  test.each(['128.0.0.1', '0.0.0.0', '10.0.0.1', '::', 'fe80::1', '1127.0.0.1'])('%s is not', (address) => {
    expect(isLoopback(address)).toBe(false)
  })

  test.each(['http://localhost:1', 'http://127.0.0.1', 'http://[::1]:9', 'http://2130706433'])(
    '%s may be loaded by anybody',
    async (url) => {
      await expect(refuseForeignHost(new URL(url), [])).resolves.toBeUndefined()
    },
  )

  test.each(['http://10.0.0.1', 'http://0.0.0.0:80', 'http://no-such-host.invalid'])(
    '%s needs to be named',
    async (url) => {
      const { hostname } = new URL(url)
      await expect(refuseForeignHost(new URL(url), ['other.invalid'])).rejects.toThrow(
        `--allow-host ${hostname}`,
      )
      await expect(refuseForeignHost(new URL(url), [hostname.toUpperCase()])).resolves.toBeUndefined()
    },
  )
})
