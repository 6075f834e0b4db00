import { describe, expect, test } from 'vitest'
import { UsageError } from '../../core/errors.ts'
import { readToken } from './token.ts'

const messageOf = (name: string, environment: NodeJS.ProcessEnv): string => {
  try {
    return `read ${readToken(name, environment)}`
  } catch (error) {
    return error instanceof UsageError ? error.message : `not a UsageError: ${String(error)}`
  }
}

describe('readToken', () => {
  test('reads the variable that is named, and none where none is', () => {
    expect(readToken(null, { TOKEN: 'sesame' })).toBeUndefined()
    expect(messageOf('TOKEN', { TOKEN: 'sesame' })).toBe('read sesame')
  })

  test('says which variable is not set', () => {
    expect(messageOf('TOKEN', {})).toMatch(/^--auth-token-env takes the name .*, and TOKEN is not set$/)
    expect(messageOf('TOKEN', { TOKEN: '' })).toContain('TOKEN is not set')
  })

  test.each(['eyJhbGciOiJIUzI1NiJ9.e30.x', 'hunter2hunter2', 'a b', '', 'x'.repeat(100)])(
    'does not repeat %j, which may be the token itself',
    (name) => {
      const message = messageOf(name, {})
      expect(message).toContain('no such variable is set')
      expect(message).not.toContain(name === '' ? '«»' : name)
    },
  )

  test.each(['two words', 'line\nbreak', 'ü', 'tab\t'])(
    'a token of %j, which no header may hold, is not repeated',
    (token) => {
      const message = messageOf('TOKEN', { TOKEN: token })
      expect(message).toContain('characters that no header may hold')
      expect(message).not.toContain(token)
    },
  )
})
