import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { pathOf, program } from './program.ts'

/** Columns of a terminal that the help is laid out for. */
const width = 100
/** Lines of a screen. */
const height = 50

/**
 * `docs/COMMANDS.md`: what `--help` says of every command and every command below it, as Markdown. A test compares it with
 * the file, so that an option cannot be there and not here.
 */
const commandReference = (): string =>
  [
    '# Commands',
    'Made from `--help`; `npx vitest run src/commands/command-reference -u` renews it.',
    ...commands.flatMap((command) => [`## ${pathOf(command)}`, `\`\`\`text\n${helpOf(command)}\n\`\`\``]),
  ]
    .join('\n\n')
    .concat('\n')

const verbs = (await program(undefined)).commands.map((command) => command.name())
const roots = await Promise.all(verbs.map(program))
const withThoseBelow = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withThoseBelow),
]
const commands = roots.flatMap((root, index) =>
  root.commands.filter((command) => command.name() === verbs[index]).flatMap(withThoseBelow),
)

/** All of the help, with what stands before and after the options. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text.trim()
}

test('docs/COMMANDS.md says what --help says of every command', async () => {
  await expect(commandReference()).toMatchFileSnapshot('../../docs/COMMANDS.md')
})

test.each(commands.map((command) => [pathOf(command), command] as const))(
  '%s --help fits a screen and has an example that begins with it',
  (path, command) => {
    const lines = helpOf(command).split('\n')
    expect(lines.length).toBeLessThanOrEqual(height)
    expect(lines.filter((line) => line.length > width)).toEqual([])
    expect(lines.join('\n')).toMatch(new RegExp(`^Examples?:\n +(\\$ )?${path}\\b`, 'm'))
  },
)
