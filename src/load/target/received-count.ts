import { askTarget } from './ask-target.ts'
import type { LoadPlan } from '../load-plan.ts'

const patienceMs = 5_000

/**
 * Requests below /api/v1 that a reference API has answered so far, from its `/metrics`; null for a target that does not
 * report it, or is not there.
 */
export async function receivedCount(
  { url, tls }: Pick<LoadPlan, 'url' | 'tls'>,
  token: string | undefined,
): Promise<number | null> {
  try {
    const options = { token, timeoutMs: patienceMs, tls }
    const { status, text } = await askTarget(`${url}/metrics`, options)
    return sumRequests(text, status)
  } catch {
    return null
  }
}

function sumRequests(text: string, status: number): number | null {
  if (status !== 200 || !text.includes('forgebench_api_requests_total')) return null
  let sum = 0
  for (const [, labels = '', value = '0'] of text.matchAll(
    /^forgebench_api_requests_total\{([^}]*)\}\s+(\S+)/gm,
  )) {
    if (/route="\/api\/v1\//.test(labels)) sum += Number(value)
  }
  return sum
}
