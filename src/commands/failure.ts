import { CommanderError } from 'commander'
import { errorText } from '../core/error-text.ts'
import { outsideText } from '../core/outside-text.ts'
import { ForgebenchError, exitCode, type ExitCode } from '../core/errors.ts'

/** A failure as it is shown: one line, except where an error has several mistakes to name. */
export interface FailureLine {
  /** With its line break; empty where nothing is to be said. */
  readonly line: string
  readonly exit: ExitCode
}

/** What to print of an error, and with which exit code to end. `place` is where user code threw it, as `file:line`. */
export function failureLine(error: unknown, place?: string): FailureLine {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { line: '', exit: exitCode.pass }
    // A suggestion stands on a line of its own.
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    const silent = error.code === 'commander.help'
    return { line: silent ? '' : `forgebench: ${shortened(message)}\n`, exit: exitCode.usage }
  }
  if (error instanceof ForgebenchError) {
    return { line: `forgebench: ${shortened(error.message)}\n`, exit: error.exit }
  }
  if (place !== undefined) {
    return { line: `forgebench: ${place}: throws: ${shortened(errorText(error))}\n`, exit: exitCode.usage }
  }
  if (isFullDisk(error)) {
    const text = `the disk is full (${errorText(error)}); free room and run again`
    return { line: `forgebench: ${shortened(text)}\n`, exit: exitCode.target }
  }
  if (!(error instanceof Error)) {
    const text = `code of a scenario, profile or configuration throws a value that is no Error: ${errorText(error)}`
    return { line: `forgebench: ${shortened(text)}\n`, exit: exitCode.usage }
  }
  const detail = outsideText(error.stack ?? errorText(error))
  return { line: `forgebench: internal error, please report it: ${detail}\n`, exit: exitCode.invalid }
}

const isFullDisk = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')

const longestWord = 200
const shownOfWord = 60

/** A message as `outsideText` shows it, with what a user gave at great length cut short. */
function shortened(message: string): string {
  const given = process.argv.slice(2).filter((argument) => argument.length > longestWord)
  const cut = (text: string): string => `${text.slice(0, shownOfWord)}… (${text.length} characters)`
  return outsideText(
    given
      .reduce((text, argument) => text.replaceAll(argument, cut(argument)), message)
      .replaceAll(/[^\s]{201,}/g, cut)
      // Mistakes stand on indented lines of their own; any other line break is part of a name or a value.
      .replaceAll(/\r?\n(?! {2})/g, '\\n'),
  )
}
