import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { sampleGateRun } from '../../../fixtures/runs/sample-gate-run.ts'
import { goBenchmarkFormat } from './benchfmt.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-benchfmt-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const benchstat = process.env['BENCHSTAT_BIN'] ?? onPath()

function onPath(): string | undefined {
  try {
    execFileSync('benchstat', ['-h'], { stdio: 'ignore' })
    return 'benchstat'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'benchstat'
  }
}

/** A benchmark line by the rules of golang.org/design/14313-benchmark-format. */
const benchmarkLine = /^Benchmark[^\s]+ [1-9]\d*( \d+(\.\d+)?(e[+-]\d+)? [^\s]+)+$/
const otherLine = /^(Unit [^\s]+ (assume=exact|better=higher)|[a-z]+: [^\s].*|# .*)$/u

test('a relative gate is a line for each round and side, and exact counters', () => {
  const lines = goBenchmarkFormat(failingGate()).split('\n')
  for (const side of ['baseline', 'candidate']) {
    const own = lines.filter((line) => line.startsWith(`BenchmarkGate/op=Q1/side=${side} `))
    expect(own.filter((line) => line.endsWith(' p95-ns/op'))).toHaveLength(sampleGateRun().rounds.length)
    expect(own.filter((line) => line.includes(' vmSteps '))).toHaveLength(1)
  }
  expect(lines).toContain('Unit vmSteps assume=exact')
  expect(lines).toContain('BenchmarkGate/op=Q1/variant=composite/side=baseline 1 374 vmSteps')
  expect(lines).toContain('BenchmarkGate/op=Q1/variant=baseline/side=candidate 1 2800 vmSteps')
  expect(lines.findIndex((line) => line.includes('/side=baseline'))).toBeLessThan(
    lines.findIndex((line) => line.includes('/side=candidate')),
  )
})

test('nothing that differs between runs is configuration, which benchstat would not compare', () => {
  const keys = goBenchmarkFormat(failingGate())
    .split('\n')
    .flatMap((line) => /^([a-z]+): /.exec(line)?.[1] ?? [])
  expect(new Set(keys)).toEqual(new Set(['goos', 'goarch', 'cpu', 'pkg']))
})

test('any strings make lines of the format, and nothing else', () => {
  fc.assert(
    fc.property(anyGate, (report) => {
      const text = goBenchmarkFormat(report)
      expect(text.endsWith('\n') || text === '').toBe(true)
      for (const line of text.split('\n').slice(0, -1)) {
        expect(line).toMatch(line.startsWith('Benchmark') ? benchmarkLine : otherLine)
      }
    }),
  )
})

describe.skipIf(benchstat === undefined)('benchstat (needs benchstat)', () => {
  const run = (text: string, ...args: readonly string[]): string => {
    const file = join(folder, 'gate.txt')
    writeFileSync(file, text)
    return execFileSync(benchstat ?? '', [...args, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  test('compares the sides of a failing gate', () => {
    const table = run(
      goBenchmarkFormat(failingGate()),
      '-col',
      '/side',
      '-filter',
      '/op:Q1',
      '-format',
      'csv',
    )
    // Median of twelve rounds a side, and the change with its p.
    expect(table).toMatch(/^,baseline,,candidate/m)
    expect(table).toMatch(/^,p95-sec\/op,CI,p95-sec\/op,CI,vs base,P$/m)
    expect(table).toMatch(/^Gate\/op=Q1,0\.0001\d+,\d+%,0\.0005\d+,\d+%,\+3\d\d\.\d+%,p=0\.000 n=12$/m)
    expect(table).toMatch(/^Gate\/op=Q1\/variant=composite,374,0%,2352,0%,\+528\.88%,n=1$/m)
  })

  test('reads any strings without a complaint', () => {
    const [first, ...others] = fc.sample(anyGate, 30)
    for (const report of [failingGate(), first, ...others]) {
      if (report === undefined) continue
      const text = goBenchmarkFormat(report)
      if (!text.includes('Benchmark')) continue
      const file = join(folder, 'any.txt')
      writeFileSync(file, text)
      const errors = join(folder, 'errors')
      execFileSync('sh', [
        '-c',
        '"$1" -col /side "$2" >/dev/null 2>"$3"',
        'sh',
        benchstat ?? '',
        file,
        errors,
      ])
      expect(execFileSync('cat', [errors], { encoding: 'utf8' })).not.toMatch(/:\d+: /)
    }
  })
})
