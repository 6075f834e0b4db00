import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { autocannon } from './autocannon.ts'
import { k6 } from './k6.ts'
import type { LoadTool } from './load-tool.ts'

const load = { url: 'http://127.0.0.1:8080', ratePerSec: 400, seconds: 4, connections: 40 }

/** What the tools printed against a server that closed one connection in ten, on 2026-11-24. */
const output = (name: string) => ({
  stdout: readFileSync(new URL(`./outputs/${name}`, import.meta.url), 'utf8'),
  stderr: '',
  exitCode: 0,
})

describe('what a tool printed is read', () => {
  test('of k6: its summary, dropped iterations, and the verdict of its exit code', () => {
    expect(k6.read(output('k6.txt'))).toEqual({
      requests: 1601,
      failed: 11,
      p95Ms: 10.844421,
      p99Ms: 11.19425,
      note: 'P95 < 200 ms passes',
    })
    const dropping = { ...output('k6.txt'), exitCode: 99 }
    dropping.stdout = dropping.stdout.replace('"dropped":0', '"dropped":580')
    expect(k6.read(dropping).note).toBe('P95 < 200 ms fails, 580 dropped')
  })

  test('of autocannon: P95 from its histogram, and the phantom latencies that it holds', () => {
    expect(autocannon.read(output('autocannon.json'))).toEqual({
      requests: 1457,
      failed: 0,
      p95Ms: 898,
      p99Ms: 947,
      note: 'P97.5 926 ms, 267126 latencies',
    })
  })

  test.each<[LoadTool]>([[k6], [autocannon]])('and nothing is made up without it: $name', (tool) => {
    expect(() => tool.read({ stdout: 'command failed', stderr: '', exitCode: 1 })).toThrow(/printed no/)
  })
})

describe('a tool is told', () => {
  test('of k6: everything through its environment', () => {
    expect(k6.command(load).env).toEqual({ BASE_URL: load.url, RATE: '400', SECONDS: '4', USERS: '40' })
  })

  test('of autocannon: the rate of all connections together', () => {
    const options = (tool: LoadTool, rate: number | null): unknown =>
      JSON.parse(tool.command({ ...load, ratePerSec: rate }).args.at(-1) ?? '')
    expect(options(autocannon, 400)).toEqual({
      url: load.url,
      connections: 40,
      duration: 4,
      overallRate: 400,
    })
    expect(options(autocannon, null)).toEqual({ url: load.url, connections: 40, duration: 4 })
  })
})
