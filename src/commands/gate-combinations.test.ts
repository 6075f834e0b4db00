import { describe, expect, test } from 'vitest'
import { refuseSenseless } from './gate-combinations.ts'
import type { GateOptions } from './gate-options.ts'

const options = (given: Partial<GateOptions>): GateOptions => ({
  scale: 0.25,
  seed: 1,
  tolerance: 2,
  smallestEffect: 10,
  operationMs: 300,
  quantile: 'p95',
  maxSeconds: 600,
  report: [],
  out: 'reports',
  ...given,
  chosen: new Set(Object.keys(given)),
})

describe('flags that leave another nothing to say are refused in one line', () => {
  test.each<[Partial<GateOptions>, RegExp]>([
    [{ countersOnly: true, saveBaseline: true }, /^--counters-only says nothing beside --save-baseline: /],
    [{ countersOnly: true, from: ['x.json'] }, /^--counters-only says nothing beside --from: /],
    [{ from: ['x.json'], tolerance: 3 }, /^--tolerance says nothing beside --from: /],
    [{ from: ['x.json'], candidate: 'variant:a' }, /^--candidate says nothing beside --from: /],
    [{ countersOnly: true, scale: 0.25 }, /^--scale says nothing beside --counters-only: /],
    [{ countersOnly: true, smallestEffect: 5 }, /^--smallest-effect says nothing of counters/],
    [{ saveBaseline: true, maxSeconds: 5 }, /^--max-seconds says nothing of counters/],
    [{ saveBaseline: true, report: [] }, /^--report says nothing beside --save-baseline/],
    [{ countersOnly: true, baseline: 'variant:a' }, /it is a stored Run, a file that ends in \.json$/],
    [{ saveBaseline: './tiny.ts' }, /name a file that ends in \.json, and scenarios before the flag/],
    [{ baseline: 'variant:a', candidate: 'variant:b', force: true }, /^--force says nothing here/],
    [{ baseline: 'x.json', operations: 'Q1' }, /^--operations says nothing of counters/],
    [{ baseline: 'x.json', seed: 1 }, /^--seed says nothing of counters/],
  ])('%j', (given, message) => {
    expect(() => refuseSenseless([], options(given))).toThrow(
      expect.objectContaining({ code: 'GATE_ARGUMENTS', exit: 2, message: expect.stringMatching(message) }),
    )
  })

  test('a scenario beside --from', () => {
    expect(() => refuseSenseless(['tiny'], options({ from: ['x.json'] }))).toThrow(
      /^tiny says nothing beside/,
    )
  })
})

test.each<Partial<GateOptions>>([
  { baseline: 'variant:a', candidate: 'git:main', tolerance: 3, scale: 1, operations: 'Q1' },
  { countersOnly: true, force: true, out: 'x', json: true },
  { countersOnly: true, baseline: 'x.json' },
  { baseline: 'x.json', candidate: 'variant:a', force: true },
  { saveBaseline: true, scale: 1, seed: 2 },
  { saveBaseline: 'x.json', json: true },
  { from: ['a.json', 'b.json'], baseline: 'x.json', force: true, json: 'out.json', report: [] },
  {},
])('everything else may be asked: %j', (given) => {
  expect(() => refuseSenseless([], options(given))).not.toThrow()
})
