import { httpUrl } from './remote-error.ts'

/** A server's own words for its version, such as `sqld 0.24.32 (…)`; undefined where it does not say. */
export async function serverVersion(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${httpUrl(url)}/version`, {
      signal: AbortSignal.timeout(2_000),
      redirect: 'error',
    })
    const text = (await answer.text()).trim()
    return answer.ok && text.length < 200 ? text : undefined
  } catch {
    return undefined
  }
}
