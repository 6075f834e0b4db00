import { describe, expect, test } from 'vitest'
import { loadCommand } from './load.ts'
import { gateCommand } from './gate.ts'
import { migrateCommand } from './migrate.ts'
import { refuseRepeatedOptions } from './repeated-options.ts'

/** Parses without doing anything. */
async function parsed(args: readonly string[]): Promise<string> {
  const [name, ...rest] = args
  const command = { load: loadCommand, gate: gateCommand, migrate: migrateCommand }[name as 'load']()
  for (const each of [command, ...command.commands]) each.exitOverride().action(() => undefined)
  refuseRepeatedOptions(command)
  return command.parseAsync(rest, { from: 'user' }).then(
    () => 'fine',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

describe('an option that is given twice', () => {
  test.each([
    [['load', '--url', 'http://a', '--url', 'http://b'], '--url'],
    [['load', '--rate', '1', '--rate=2'], '--rate'],
    [['load', '--peak', '--peak'], '--peak'],
    [['load', '--no-floor', '--no-floor'], '--no-floor'],
    [['load', '--json', '--json', 'a.json'], '--json'],
    [['gate', 's.ts', '--baseline', 'a', '--baseline', 'b'], '--baseline'],
    [['migrate', 'up', '--db', 'a.db', '--db', 'b.db'], '--db'],
  ])('is refused: %j', async (args, option) => {
    expect(await parsed(args)).toBe(`${option} is given twice; give it once`)
  })

  test.each([
    [['load', '--allow-host', 'a', '--allow-host', 'b']],
    [['load', '--threshold', 'http_reqs=count>1', '--threshold', 'http_reqs=count>2']],
    [['gate', 's.ts', '--report', 'junit=a.xml', '--report', 'bmf=b.json']],
  ])('is fine where it gathers values: %j', async (args) => expect(await parsed(args)).toBe('fine'))
})
