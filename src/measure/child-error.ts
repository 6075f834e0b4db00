import { errorText } from '../core/error-text.ts'
import {
  ForgebenchError,
  InterruptedError,
  InvalidMeasurementError,
  TargetError,
  UsageError,
  exitCode,
  type ExitCode,
} from '../core/errors.ts'
import { asFileError } from '../target/file-error.ts'

/** An error on its way from a child process to its parent. */
export interface ChildError {
  readonly exit: ExitCode
  readonly code: string
  readonly message: string
}

/** What the child sends of an error. One that is not meant for users is a fault of ours, and spoils the measurement. */
export function describeError(thrown: unknown): ChildError {
  const path = thrown instanceof Error && 'path' in thrown ? String(thrown.path) : 'a file'
  const error = asFileError(thrown, path)
  if (error instanceof ForgebenchError) return { exit: error.exit, code: error.code, message: error.message }
  return { exit: exitCode.invalid, code: 'CHILD_FAILED', message: errorText(error) }
}

/** The error that was thrown in the child, of the same class, so that the exit code is the same. */
export function errorOfChild({ exit, code, message }: ChildError): ForgebenchError {
  switch (exit) {
    case exitCode.usage:
      return new UsageError(code, message)
    case exitCode.target:
      return new TargetError(code, message)
    case exitCode.interrupted:
      return new InterruptedError()
    case exitCode.pass:
    case exitCode.fail:
    case exitCode.inconclusive:
    case exitCode.invalid:
      return new InvalidMeasurementError(code, message)
  }
}
