import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { campaignArguments } from './campaign-arguments.ts'

describe('arguments of the validation', () => {
  test('continue the committed campaign when none are given', () => {
    expect(campaignArguments([])).toMatchObject({
      folder: 'reports/validation/gate',
      shard: { number: 1, of: 1 },
      gates: 200,
      conditions: ['idle', 'ordinary', 'stressed'],
      tables: false,
    })
    const given = campaignArguments(['--shard', '2/3', '--conditions', 'idle,stressed', '--minutes', '0'])
    expect(given).toMatchObject({ shard: { number: 2, of: 3 }, conditions: ['idle', 'stressed'], minutes: 0 })
  })

  test.each([
    [['--gates', 'many'], '--gates many: write a whole number'],
    [['--minutes', '-1'], /--minutes/],
    [['--shard', '3/2'], '--shard 3/2: write the number and how many, such as 1/2'],
    [['--shard', '0/2'], /--shard 0\/2/],
    [['--conditions', 'idle,stresed'], '--conditions stresed: did you mean stressed?'],
    [['--gate', '3'], /--gate/],
  ])('%j are refused in one line', (argv, message) => {
    expect(() => campaignArguments(argv)).toThrow(UsageError)
    expect(() => campaignArguments(argv)).toThrow(message)
  })
})
