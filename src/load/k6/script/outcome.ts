// k6 imports this file, and forgebench does: so it depends on nothing.

/** What became of a request that was not answered as expected: a status, or how it was lost. */
export type Unexpected = number | 'refused' | 'timedOut' | 'closed' | 'broken'

/**
 * Says what became of a request by its status and k6's own error code and text; 0 and '' where there is none.
 * Codes: https://grafana.com/docs/k6/latest/javascript-api/error-codes/
 */
export function outcomeOf(status: number, errorCode: number, error: string): Unexpected {
  const isAnswer = errorCode === 0 || (errorCode >= 1400 && errorCode < 1600)
  if (isAnswer && status > 0) return status
  if (errorCode === 1050) return 'timedOut'
  if ((errorCode >= 1100 && errorCode < 1200) || (errorCode >= 1210 && errorCode < 1220)) return 'refused'
  if (errorCode >= 1300 && errorCode < 1400) return 'refused'
  if (errorCode >= 1200 && errorCode < 1300) return 'closed'
  return /\bEOF\b|connection reset|broken pipe|server closed|connection lost/.test(error)
    ? 'closed'
    : 'broken'
}

/** The statuses that the summary counts one by one, and the ways to be lost; other statuses count as `broken`. */
export const countedOutcomes = (): readonly string[] =>
  [
    '200 201 202 203 204 205 206 207 208 226 300 301 302 303 304 305 307 308',
    '400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418',
    '420 421 422 423 424 425 426 428 429 431 444 451 499',
    '500 501 502 503 504 505 506 507 508 510 511 520 521 522 523 524 525 526 527 530',
    'refused timedOut closed broken',
  ].flatMap((line) => line.split(' '))
