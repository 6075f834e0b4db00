/** Exit codes of the command line, as promised in README. */
export const exitCode = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  invalid: 4,
  target: 5,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/**
 * An error that a user can meet and fix. The message is one line: what is wrong, then the fix.
 * `code` is stable (SCREAMING_SNAKE) and may be relied on by scripts; `exit` is the process exit code.
 */
export abstract class ForgebenchError extends Error {
  abstract readonly exit: ExitCode
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Wrong flags, wrong input, a broken scenario, migration or configuration: exit 2. */
export class UsageError extends ForgebenchError {
  readonly exit = exitCode.usage
}

/** The database or service under test cannot be reached, or fails: exit 5. */
export class TargetError extends ForgebenchError {
  readonly exit = exitCode.target
}

/** What was measured must not be believed (wrong answers, lost work, nothing measured): exit 4. */
export class InvalidMeasurementError extends ForgebenchError {
  readonly exit = exitCode.invalid
}

/** The user or the system asked to stop: exit 130. */
export class InterruptedError extends ForgebenchError {
  readonly exit = exitCode.interrupted

  constructor() {
    super('INTERRUPTED', 'interrupted')
  }
}
