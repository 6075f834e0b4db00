import { request } from 'undici'

const patienceMs = 5_000

/**
 * Requests below /api/v1 that a reference API has answered so far, from its `/metrics`; null for a target that does not
 * tell, or is not there.
 */
export async function receivedCount(url: string, token: string | undefined): Promise<number | null> {
  try {
    const { statusCode, body } = await request(`${url}/metrics`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
      // A connection that lingers would hold a server that is closing.
      reset: true,
    })
    return sumRequests(await body.text(), statusCode)
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
