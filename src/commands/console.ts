import { InvalidArgumentError, type Command } from 'commander'
import { outsideJson } from '../core/outside-text.ts'
import { redacted } from '../core/secrets.ts'
import { referenceDataset } from '../reference/dataset.ts'
import { writeWhole } from '../run/files/write-whole.ts'

/** True for a terminal. Where there is none, Node leaves `isTTY` undefined, which others take for «do as you like». */
const isTerminal = ({ isTTY }: { readonly isTTY?: boolean }): boolean => isTTY ?? false

/** True when colours are wanted on that stream: a terminal, and NO_COLOR unset. */
export function wantsColor(stream: NodeJS.WriteStream): boolean {
  return isTerminal(stream) && (process.env['NO_COLOR'] ?? '') === ''
}

/** Columns of the terminal; a wide page where there is none. */
export function outputWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : 140
}

/** Where `--json [file]` goes: a file, or stdout when none is named. */
export type JsonOption = string | true | undefined

/** Prints to stdout, without secrets. What came from outside has been through `outsideText`: colours are kept here. */
export function print(given: string): void {
  const text = redacted(given)
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Writes `--json` output where it was asked for; does nothing when it was not. */
export async function writeJson(option: JsonOption, given: string): Promise<void> {
  if (option === undefined) return
  const json = outsideJson(given)
  if (option === true) return print(json)
  const text = json.endsWith('\n') ? json : `${json}\n`
  await writeWhole(option, text, { what: 'the JSON', code: 'JSON_UNWRITABLE' })
}

/** Parser of a whole number option within bounds, for commander. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`it must be a whole number from ${least} to ${most}`)
    }
    return value
  }
}

/** Parser of a decimal option within bounds, for commander. */
export function decimalNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^-?(\d+(\.\d+)?|\.\d+)$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`it must be a number from ${least} to ${most}`)
    }
    return value
  }
}

/** Of the reference, for the help is printed before anybody names a scenario; see `description` of a dataset. */
export const scaleHelp = `size of the data; of the reference, 1 is ${referenceDataset.description}`

export interface DataOptions {
  readonly scale: number
  readonly seed: number
}

/** A quarter of scale 1: large enough that indexes matter, small enough that everything is measured in two minutes. */
const defaultScale = 0.25

/** Adds `--scale` and `--seed`, alike for every command that works on seeded data. */
export const dataOptions = (command: Command): Command =>
  cacheOption(
    command
      .option('--scale <n>', scaleHelp, decimalNumber(0.01, 100), defaultScale)
      .option('--seed <n>', 'seed of the data, the arguments and the order', wholeNumber(0, 2 ** 32 - 1), 1),
  )

/** Adds `--verify-cache`. */
export const cacheOption = (command: Command): Command =>
  command
    .option('--verify-cache', 'read the cached databases whole, and make damaged ones anew')
    .on('option:verify-cache', () => {
      // As FORGEBENCH_CACHE does, it reaches every process that takes a database from the cache.
      process.env['FORGEBENCH_VERIFY_CACHE'] = '1'
    })
