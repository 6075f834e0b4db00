import { InvalidMeasurementError, TargetError, UsageError } from '../core/errors.ts'

/**
 * An error of an operation with its name in front, and without the path of the copy that it happened on. A statement
 * that the engine does not take is the scenario's mistake, not the target's: UsageError. Other errors pass through.
 * @param subject such as `operation Q1`
 */
export function operationError(error: unknown, subject: string): unknown {
  if (error instanceof UsageError)
    return new UsageError(error.code, `${subject}: ${error.message}`, { cause: error })
  if (error instanceof InvalidMeasurementError) {
    return new InvalidMeasurementError(error.code, `${subject}: ${error.message}`, { cause: error })
  }
  if (!(error instanceof TargetError)) return error
  const message = `${subject}: ${engineWords(error)}`
  return error.code === 'TARGET_SQL' || error.code === 'TARGET_CONSTRAINT'
    ? new UsageError('OPERATION_SQL', message, { cause: error })
    : new TargetError(error.code, message, { cause: error })
}

/** What the embedded engine said; of a server, with its URL. */
function engineWords({ message, cause }: TargetError): string {
  if (/^[a-z]+:\/\//.test(message) || !(cause instanceof Error)) return message
  return cause.message.split('\n')[0] ?? message
}

/** Does `work`; what it throws names its subject, see `operationError`. */
export async function namingOperation<T>(subject: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw operationError(error, subject)
  }
}
