import type { Command, Option } from 'commander'
import { describe, expect, test } from 'vitest'
import { program } from './program.ts'

const verbs = (await program(undefined)).commands.map((command) => command.name())

/** The command and those below it, with their options. */
const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...command.commands.flatMap(optionsOf),
]

const isNumber = ({ flags, defaultValue }: Option): boolean =>
  typeof defaultValue === 'number' || /[<[](n|number|integer|ms|seconds)[\]>]/.test(flags)

describe.each(verbs)('numbers of forgebench %s', async (verb) => {
  const root = await program(verb)
  const command = root.commands.find((each) => each.name() === verb)!
  test('are plain decimals', () => {
    for (const option of optionsOf(command).filter(isNumber)) {
      for (const text of ['0x10', '1e2', '', ' 1', 'NaN'])
        expect(() => option.parseArg?.(text, undefined), `${option.flags} ${text}`).toThrow('must be')
    }
  })
})
