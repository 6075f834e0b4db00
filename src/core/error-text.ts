import { type ForgebenchError, InvalidMeasurementError, TargetError, UsageError } from './errors.ts'

/** The message of anything that was thrown; never throws itself, whatever a `toString` does. */
export function messageOf(thrown: unknown): string {
  try {
    // A message need not be a text: whoever throws may have set it.
    const message: unknown = thrown instanceof Error ? thrown.message : thrown
    return String(message)
  } catch {
    return 'an error that cannot be shown as text'
  }
}

/** The first line of the message of anything that was thrown. */
export const errorText = (thrown: unknown): string =>
  messageOf(thrown).trim().split('\n')[0]?.trim() || 'an error without a message'

/**
 * An error with where it happened at the head of its message, such as `indexes/composite, variant baseline, Q1`. The
 * class, and with it the exit code, stays. `hidden` are paths of our own working files, which say nothing to a user.
 * Without a place only they go. What is no error for users passes through.
 */
export function errorAt(place: string, error: unknown, hidden: readonly (string | null)[] = []): unknown {
  const Class = classOf(error)
  if (Class === undefined) return error
  const { code, message } = error as ForgebenchError
  const bare = hidden.filter((path) => path !== null).reduce(withoutPath, message)
  const placed = place === '' || bare.startsWith(place) ? bare : `${place}: ${bare}`
  return new Class(code, placed, { cause: error })
}

const withoutPath = (message: string, path: string): string =>
  message.replaceAll(`${path}: `, '').replaceAll(path, 'the database')

function classOf(error: unknown): typeof UsageError | undefined {
  return [UsageError, TargetError, InvalidMeasurementError].find((each) => error instanceof each) as
    typeof UsageError | undefined
}
