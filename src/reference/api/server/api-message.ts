import { ForgebenchError, TargetError, UsageError } from '../../../core/errors.ts'
import type { ApiOptions } from './start-api.ts'

/** Orders to a process that serves the API. */
export type ApiOrder =
  | { readonly kind: 'start'; readonly options: ApiOptions; readonly facts: Readonly<Record<string, string>> }
  | { readonly kind: 'close' }
  | { readonly kind: 'metrics'; readonly text: string }

export interface Listening {
  readonly kind: 'listening'
  readonly url: string
  readonly port: number
  readonly facts: Readonly<Record<string, string>>
}

/** What it reports. */
export type ApiReport =
  /** It hears orders from now on: a worker of a cluster misses what comes before. */
  | { readonly kind: 'ready' }
  | Listening
  | { readonly kind: 'failed'; readonly usage: boolean; readonly code: string; readonly message: string }
  /** Asks for the metrics of all processes. */
  | { readonly kind: 'metrics' }

/** An error on its way to the process that started this one. */
export function failedReport(error: unknown): ApiReport {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof ForgebenchError ? error.code : 'API_FAILED'
  return { kind: 'failed', usage: error instanceof UsageError, code, message }
}

/** The error again. */
export function failure({ usage, code, message }: Extract<ApiReport, { kind: 'failed' }>): ForgebenchError {
  return usage ? new UsageError(code, message) : new TargetError(code, message)
}
