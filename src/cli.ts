#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { ForgebenchError, exitCode } from './core/errors.ts'
import { outsideText } from './core/outside-text.ts'

/** One line a command; its file is loaded when it is called. */
const commands: Readonly<Record<string, readonly [summary: string, load: () => Promise<Command>]>> = {
  run: [
    'measure scenarios and say which claims hold',
    async () => (await import('./commands/run.ts')).runCommand(),
  ],
  list: [
    'scenarios, load profiles, claims and migrations',
    async () => (await import('./commands/list.ts')).listCommand(),
  ],
  explain: [
    'query plans of all variants, no timing',
    async () => (await import('./commands/explain.ts')).explainCommand(),
  ],
  migrate: [
    'apply, revert and verify migrations',
    async () => (await import('./commands/migrate.ts')).migrateCommand(),
  ],
  seed: [
    'fill a database with realistic data',
    async () => (await import('./commands/seed.ts')).seedCommand(),
  ],
  serve: [
    'the reference API, to practise load on',
    async () => (await import('./commands/serve.ts')).serveCommand(),
  ],
  load: ['put load on a running API', async () => (await import('./commands/load.ts')).loadCommand()],
  gate: [
    'is the candidate slower than the baseline?',
    async () => (await import('./commands/gate.ts')).gateCommand(),
  ],
  calibrate: [
    'suggest budgets for the gate',
    async () => (await import('./commands/calibrate.ts')).calibrateCommand(),
  ],
  report: ['render a Run again', async () => (await import('./commands/report.ts')).reportCommand()],
}

async function program(verb: string | undefined): Promise<Command> {
  const root = new Command('forgebench')
    .description(
      'Measures whether a change to a libSQL/Turso database makes it better, by how much and at what cost.',
    )
    .version('0.1.0')
    .exitOverride()
    .showSuggestionAfterError()
  for (const [name, [summary, load]] of Object.entries(commands)) {
    root.addCommand(name === verb ? await load() : new Command(name).summary(summary).description(summary))
  }
  overrideExits(root)
  return root
}

/** Commander must neither exit nor print usage twice: its errors become one line and exit code 2. */
function overrideExits(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined })
  for (const child of command.commands) overrideExits(child)
}

function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCode.pass
    // A suggestion stands on a line of its own.
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    process.stderr.write(error.code === 'commander.help' ? '' : `forgebench: ${outsideText(message)}\n`)
    return exitCode.usage
  }
  if (error instanceof ForgebenchError) {
    process.stderr.write(`forgebench: ${outsideText(error.message)}\n`)
    return error.exit
  }
  process.stderr.write(
    `forgebench: internal error, please report it: ${outsideText(String(error instanceof Error ? error.stack : error))}\n`,
  )
  return exitCode.invalid
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `head` that has seen enough is no failure.
  if (error.code !== 'EPIPE') throw error
})

try {
  await (await program(process.argv[2])).parseAsync(process.argv)
} catch (error) {
  process.exitCode = reportFailure(error)
}
