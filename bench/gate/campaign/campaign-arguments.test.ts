import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { campaignArguments } from './campaign-arguments.ts'

describe('arguments of the validation', () => {
  test('continue the committed campaign when none are given', () => {
    expect(campaignArguments([])).toMatchObject({
      folder: 'reports/validation/gate',
      gates: 200,
      conditions: ['idle', 'ordinary', 'stressed'],
      tables: false,
    })
    const given = campaignArguments(['--conditions', 'idle,stressed', '--minutes', '0'])
    expect(given).toMatchObject({ conditions: ['idle', 'stressed'], minutes: 0 })
  })

  test.each([
    [['--gates', 'many'], '--gates many: write a whole number'],
    [['--minutes', '-1'], /--minutes/],
    [['--conditions', 'idle,stresed'], '--conditions stresed: there are idle, ordinary, stressed'],
    [['--gate', '3'], /--gate/],
  ])('%j are refused in one line', (argv, message) => {
    expect(() => campaignArguments(argv)).toThrow(UsageError)
    expect(() => campaignArguments(argv)).toThrow(message)
  })
})
