/** An answer that is no success: its status, and the code and message of the body `{error: {code, message}}`. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The body of every answer that is no success. */
export const errorBody = (code: string, message: string): string =>
  JSON.stringify({ error: { code, message } })
