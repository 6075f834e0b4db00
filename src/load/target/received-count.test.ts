import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { receivedCount } from './received-count.ts'

let server: Server | undefined
afterEach(() => void server?.close())

async function metrics(text: string, status = 200): Promise<string> {
  server = createServer((request, response) => {
    response.writeHead(request.url === '/metrics' ? status : 404).end(text)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('receivedCount', () => {
  test('adds up what the reference API answered below /api/v1, whatever the status', async () => {
    const url = await metrics(`# HELP forgebench_api_requests_total Requests answered.
# TYPE forgebench_api_requests_total counter
forgebench_api_requests_total{method="GET",route="/api/v1/prompts",status="200"} 75
forgebench_api_requests_total{method="POST",route="/api/v1/prompts",status="503"} 2.5e1
forgebench_api_requests_total{method="GET",route="/metrics",status="200"} 1000
forgebench_api_requests_total_other{route="/api/v1/prompts"} 5000
`)
    expect(await receivedCount({ url }, undefined)).toBe(100)
  })

  test('is null for a target that does not tell, and for one that is not there', async () => {
    expect(await receivedCount({ url: await metrics('process_cpu_seconds_total 5') }, undefined)).toBeNull()
    server?.close()
    expect(
      await receivedCount({ url: await metrics('forgebench_api_requests_total{} 1', 401) }, undefined),
    ).toBeNull()
    expect(await receivedCount({ url: 'http://127.0.0.1:1' }, undefined)).toBeNull()
  })
})
