import { error, notice, warning } from '@actions/core'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { anyGate } from '../../../fixtures/runs/any-gate.ts'
import { failingGate } from '../../../fixtures/runs/failing-gate.ts'
import { gateVerdict } from '../../judge/gate/gate-status.ts'
import { githubAnnotations } from './github-annotations.ts'
import { namedFindings, type GateReport } from './gate-report.ts'

afterEach(() => vi.restoreAllMocks())

interface Annotation {
  readonly command: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/**
 * A line as the runner reads it (actions/runner, ActionCommand.TryParseV2): `::command key=value,…::data`, then
 * `%3A %2C` in properties, and `%0D %0A %25` everywhere.
 */
function runnerReads(line: string): Annotation {
  const [, head = '', data = ''] = /^::(.*?)::(.*)$/su.exec(line) ?? []
  const space = head.indexOf(' ')
  const pairs = head
    .slice(space + 1)
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
  return {
    command: head.slice(0, space),
    properties: Object.fromEntries(
      pairs.map(([key, value]) => [key, unescaped(value.replaceAll('%3A', ':').replaceAll('%2C', ','))]),
    ),
    message: unescaped(data),
  }
}

const unescaped = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')

const lines = (report: GateReport): readonly string[] => githubAnnotations(report).split('\n').slice(0, -1)

/** What the toolkit of GitHub prints for the same annotation. */
function toolkitPrints({ command, properties, message }: Annotation): string {
  let printed = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  const { title, file } = properties
  const print = { error, warning, notice }[command as 'error']
  print(message, { ...(title === undefined ? {} : { title }), ...(file === undefined ? {} : { file }) })
  write.mockRestore()
  return printed.replace(/\r?\n$/, '')
}

describe('the annotations of a failing gate', () => {
  test('are what the toolkit of GitHub prints', () => {
    for (const line of lines(failingGate())) expect(toolkitPrints(runnerReads(line))).toBe(line)
  })

  test('come worst first, with the file of the scenario where it is known', () => {
    const read = lines(failingGate()).map(runnerReads)
    expect(read.map(({ command }) => command)).toEqual([
      ...Array.from({ length: 5 }, () => 'error'),
      'warning',
      ...Array.from({ length: 3 }, () => 'notice'),
    ])
    expect(read[0]?.properties).toMatchObject({
      file: 'scenarios/a,b:c%.ts',
      title: expect.stringMatching(/^invalid: a\|b/),
    })
    const relative = read.find(({ properties }) => properties['title']?.includes('Q1 p95'))
    expect(relative).toMatchObject({
      properties: {
        title: 'fail: indexes/sample/Q1 p95 (variant:baseline)',
        file: 'scenarios/indexes/sample.ts',
      },
      message: 'p95 +377 % [+339, +406], 516 µs against 108 µs',
    })
    expect(
      read.find(({ properties }) => properties['title']?.includes('load/'))?.properties,
    ).not.toHaveProperty('file')
  })

  test('are ten at most, and the last one counts the others', () => {
    const report = failingGate()
    const [first] = report.verdict.findings
    if (first === undefined) throw new Error('there are findings')
    const many = Array.from({ length: 23 }, (_, i) => ({
      ...first,
      status: 'fail' as const,
      operation: `Q${i}`,
    }))
    const read = lines({ ...report, verdict: gateVerdict(many) }).map(runnerReads)
    expect(read).toHaveLength(10)
    expect(read.at(-1)).toMatchObject({ command: 'error', properties: { title: 'forgebench gate: 14 more' } })
  })
})

test('a gate that judged nothing is an error', () => {
  const [line = ''] = lines({ ...failingGate(), verdict: gateVerdict([], []) })
  expect(runnerReads(line)).toMatchObject({ command: 'error', message: 'nothing was judged' })
})

test('any strings stay one line an annotation, which says what was said', () => {
  fc.assert(
    fc.property(anyGate, (report) => {
      const printed = lines(report)
      expect(printed.length).toBeLessThanOrEqual(10)
      const told = namedFindings(report.verdict.findings).filter(({ finding }) => finding.status !== 'pass')
      const read = printed.map(runnerReads)
      const count = told.length + report.verdict.notes.length
      expect(printed).toHaveLength(Math.min(count, 10))
      if (count > 10) return
      told.forEach(({ finding, name }, i) => {
        const file = report.files[finding.scenario] ?? ''
        expect(read[i]?.message).toBe(finding.reason.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
        const title = `${finding.status}: ${name}`.replaceAll(/\p{Surrogate}/gu, '\ufffd')
        if (title.length < 250) expect(read[i]?.properties['title']).toBe(title)
        expect(read[i]?.properties['file']).toBe(
          file === '' ? undefined : file.replaceAll(/\p{Surrogate}/gu, '\ufffd'),
        )
      })
    }),
  )
})
