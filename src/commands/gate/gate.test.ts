import { describe, expect, test } from 'vitest'
import { parsedCommand } from '../../../fixtures/cli/parsed-command.ts'
import { failureLine } from '../failure.ts'

const endOf = (line: string): Promise<unknown> =>
  parsedCommand(['gate', ...line.split(' ')]).catch((error: unknown) => failureLine(error))

describe('an option that a kind of gate does not read cannot be given to it', () => {
  test.each([
    ['judge x.json --tolerance 3', "unknown option '--tolerance'; see forgebench gate judge --help"],
    ['judge x.json --candidate variant:a', "unknown option '--candidate'"],
    ['judge x.json --out elsewhere', "unknown option '--out'"],
    ['counters --scale 0.25', "unknown option '--scale'"],
    ['counters --smallest-effect 5', "unknown option '--smallest-effect'"],
    ['counters --operations Q1', "unknown option '--operations'"],
    ['save --max-seconds 5', "unknown option '--max-seconds'"],
    ['save --report junit=gate.xml', "unknown option '--report'"],
    ['save --force', "unknown option '--force'"],
    ['budgets tiny --tolerance 5', "unknown option '--tolerance'"],
    ['budgets tiny --baseline variant:a', "unknown option '--baseline'"],
    ['compare tiny --baseline variant:a --force', "unknown option '--force'"],
    ['compare tiny --candidate variant:a', "required option '--baseline <side>' not specified"],
    ['compare tiny other --baseline variant:a', 'too many arguments'],
    ['budgets', "missing required argument 'scenario'"],
    ['judge', "missing required argument 'run.json'"],
    ['counters --baseline variant:a', 'a file that ends in .json; sides such as variant:… are for'],
    ['save --baseline ./tiny.ts', 'it must be a stored Run, a file that ends in .json'],
    ['comapre tiny', "unknown command 'comapre'; forgebench gate has compare, budgets,"],
    ['./tiny.ts', "unknown command './tiny.ts'; forgebench gate has compare, budgets, counters, save, judge"],
    ['--from x.json', "unknown option '--from'; see forgebench gate --help"],
  ])('gate %s', async (line, message) => {
    expect(await endOf(line)).toEqual({ line: expect.stringMatching(/^forgebench: [^\n]+\n$/), exit: 2 })
    expect(await endOf(line)).toMatchObject({ line: expect.stringContaining(message) })
  })
})

test.each([
  ['compare tiny --baseline variant:a --candidate git:main --tolerance 3 --scale 1 --operations Q1'],
  ['budgets tiny --operations Q1 --operation-ms 30 --max-seconds 5'],
  ['counters --force --out x --json'],
  ['counters tiny --baseline x.json --variant a'],
  ['save tiny --scale 1 --seed 2 --baseline x.json --json'],
  ['judge a.json b.json --baseline x.json --force --report junit=gate.xml'],
])('gate %s is accepted', async (line) => {
  expect(await endOf(line)).toMatchObject({ path: `forgebench gate ${line.split(' ')[0]}` })
})
