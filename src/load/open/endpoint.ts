import type { PlannedRequest } from '../../scenario/load-profile/load-profile.ts'
import { requestRenderer } from '../worker/render-request.ts'
import { plainClient } from './plain-wire.ts'
import type { Client } from './wire.ts'

/** Where requests go, how they are dressed, and the client that sends them. */
export interface Endpoint extends Client {
  readonly timeoutMs: number
  /** The bytes of a request. */
  readonly render: (planned: PlannedRequest) => string
}

/**
 * @param token bearer token, or undefined
 * @param client ours unless another one is given
 * @throws TypeError when the URL is none
 */
export function endpointOf(
  baseUrl: string,
  timeoutMs: number,
  token: string | undefined,
  client: Client = plainClient(baseUrl, timeoutMs),
): Endpoint {
  return { ...client, timeoutMs, render: requestRenderer(baseUrl, token) }
}
