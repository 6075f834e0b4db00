import type { Command, Option } from 'commander'
import { expect, test } from 'vitest'
import { program } from './program.ts'

/** The command and those below it, with their options. */
const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...command.commands.flatMap(optionsOf),
]

const isNumber = ({ flags, defaultValue }: Option): boolean =>
  typeof defaultValue === 'number' || /[<[](n|number|integer|ms|seconds)[\]>]/.test(flags)

const verbs = (await program(undefined)).commands.map((command) => command.name())
const numbers = await Promise.all(
  verbs.map(async (verb) => {
    const called = (await program(verb)).commands.filter((command) => command.name() === verb)
    return called.flatMap(optionsOf).flatMap((option) => (isNumber(option) ? [{ verb, option }] : []))
  }),
)

test.each(numbers.flat().map(({ verb, option }) => [verb, option.flags, option] as const))(
  'forgebench %s %s takes plain decimals only',
  (_verb, _flags, option) => {
    for (const text of ['0x10', '1e2', '', ' 1', 'NaN']) {
      expect(() => option.parseArg?.(text, undefined), text).toThrow('must be')
    }
  },
)
