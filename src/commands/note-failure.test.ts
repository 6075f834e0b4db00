import { expect, test, vi } from 'vitest'
import { TargetError } from '../core/errors.ts'
import { noteFailure } from './outcome.ts'

test('of several files that a full disk has no room for, the first is said', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  for (const name of ['report.md', 'response.hlog']) {
    noteFailure(new TargetError('TARGET_DISK_FULL', `${name}: cannot write the report: the disk is full`))
  }
  expect(write.mock.calls).toEqual([['forgebench: report.md: cannot write the report: the disk is full\n']])
  write.mockRestore()
})
