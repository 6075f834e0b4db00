import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { program } from './program.ts'

/** Columns of a terminal that the help is laid out for. */
const width = 120

/**
 * `docs/COMMANDS.md`: what `--help` says of every command and every command below it, as Markdown. A test compares it with
 * the file, so that an option cannot be there and not here.
 */
async function commandReference(): Promise<string> {
  const { commands } = await program(undefined)
  const sections: string[] = []
  for (const verb of commands.map((command) => command.name())) {
    const called = (await program(verb)).commands.filter((command) => command.name() === verb)
    sections.push(...called.flatMap(sectionsOf))
  }
  return [
    '# Commands',
    'Made from `--help`; `npx vitest run src/commands/command-reference -u` renews it.',
    ...sections,
  ]
    .join('\n\n')
    .concat('\n')
}

const sectionsOf = (command: Command): readonly string[] => [
  `## ${pathOf(command)}`,
  `\`\`\`text\n${helpOf(command)}\n\`\`\``,
  ...command.commands.flatMap(sectionsOf),
]

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`

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
  await expect(await commandReference()).toMatchFileSnapshot('../../docs/COMMANDS.md')
})
