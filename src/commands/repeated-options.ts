import type { Command } from 'commander'
import { UsageError } from '../core/errors.ts'

/**
 * Makes a command, and those below it, refuse an option that is given twice: the last one would win without a word.
 * Options that take several values, or gather them, may be repeated.
 */
export function refuseRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    if (option.variadic || Array.isArray(option.defaultValue)) continue
    let times = 0
    command.on(`option:${option.name()}`, () => {
      times += 1
      if (times === 1) return
      throw new UsageError('OPTION_TWICE', `${option.long ?? option.flags} is given twice; give it once`)
    })
  }
  for (const child of command.commands) refuseRepeatedOptions(child)
}
