import { Command } from 'commander'
import { UsageError } from '../core/errors.ts'

/** One line a command; its file is loaded when it is called. */
const commands: Readonly<Record<string, readonly [summary: string, load: () => Promise<Command>]>> = {
  run: ['measure scenarios and say which claims hold', async () => (await import('./run.ts')).runCommand()],
  list: [
    'scenarios, sweeps, load profiles, claims and migrations',
    async () => (await import('./list.ts')).listCommand(),
  ],
  explain: [
    'query plans of all variants, no timing',
    async () => (await import('./explain.ts')).explainCommand(),
  ],
  migrate: [
    'apply, revert and verify migrations',
    async () => (await import('./migrate/migrate.ts')).migrateCommand(),
  ],
  statistics: [
    'what the planner knows of a database; ANALYZE for servers',
    async () => (await import('./statistics/statistics.ts')).statisticsCommand(),
  ],
  seed: ['fill a database with realistic data', async () => (await import('./seed.ts')).seedCommand()],
  serve: ['the reference API, to practise load on', async () => (await import('./serve.ts')).serveCommand()],
  server: [
    'start and stop a libSQL server (sqld) here',
    async () => (await import('./server/server.ts')).serverCommand(),
  ],
  load: ['put load on a running API', async () => (await import('./load/load.ts')).loadCommand()],
  gate: [
    'is the candidate slower than the baseline?',
    async () => (await import('./gate/gate.ts')).gateCommand(),
  ],
  calibrate: [
    'suggest budgets for the gate',
    async () => (await import('./calibrate.ts')).calibrateCommand(),
  ],
  report: ['render a Run again', async () => (await import('./report.ts')).reportCommand()],
}

/** The command line, with the options of the command that is called; those of the others are not loaded. */
export async function program(verb: string | undefined): Promise<Command> {
  const root = new Command('forgebench')
    .description(
      'Measures whether a change to a libSQL/Turso database makes it better, by how much and at what cost.',
    )
    .version('0.1.0')
    .showSuggestionAfterError()
  for (const [name, [summary, load]] of Object.entries(commands)) {
    root.addCommand(name === verb ? await load() : new Command(name).summary(summary).description(summary))
  }
  overrideExits(root)
  return root
}

/** Commander must neither exit nor print usage twice: its errors become one line and exit code 2. */
function overrideExits(command: Command): void {
  command.configureOutput({ outputError: () => undefined }).exitOverride((error) => {
    const isUnknown = error.code === 'commander.unknownOption' && !error.message.includes('Did you mean')
    // In front of the command, as in `forgebench --scale 1 run`, an option is one of forgebench itself.
    const place = command.parent === null ? '; options stand behind the command that they belong to' : ''
    if (isUnknown) error.message += `${place}; see ${pathOf(command)} --help`
    throw error
  })
  refuseRepeatedOptions(command)
  refuseUnknownCommands(command)
  for (const child of command.commands) overrideExits(child)
}

/** A word where a command should be: says which there are. */
function refuseUnknownCommands(command: Command): void {
  if (command.commands.length === 0) return
  command.on('command:*', ([word = '']: readonly string[]) => {
    const names = command.commands.map((child) => child.name())
    throw new UsageError(
      'COMMAND_UNKNOWN',
      `unknown command '${word}'; ${pathOf(command)} has ${names.join(', ')}`,
    )
  })
}

/** An option that holds one value and is given twice is a mistake: the last would win without a word. */
function refuseRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    if (option.variadic || Array.isArray(option.defaultValue)) continue
    let given = false
    command.on(`option:${option.name()}`, () => {
      if (given) {
        throw new UsageError('OPTION_TWICE', `${option.long ?? option.flags} is given twice; give it once`)
      }
      given = true
    })
  }
}

/** A command with those above it: `forgebench gate compare`. */
export const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
