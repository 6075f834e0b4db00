import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Run } from '../run/run.ts'
import { parseRun } from '../run/read.ts'
import { sameWork } from './same-work.ts'

test('in the committed sample, variants that do the same work have P50 intervals that meet', () => {
  const path = new URL('../../reports/sample/run.json', import.meta.url)
  const pairs = sameWork(parseRun(readFileSync(path, 'utf8'), 'run.json') as Run)
  expect(pairs.length).toBeGreaterThan(100)
  expect(pairs.filter(({ meets }) => !meets)).toEqual([])
})
