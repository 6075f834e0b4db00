import { expect, test } from 'vitest'
import { withAbsolutePaths } from './resolve-dataset.ts'

test.each([
  ['./bin/fill.sh', '/project/bin/fill.sh'],
  ['bin/fill.sh', '/project/bin/fill.sh'],
  ['/usr/bin/env', '/usr/bin/env'],
  ['python3', 'python3'],
])('the program %s of a fill is, from the folder of the file that names it, %s', (command, found) => {
  const fill = { kind: 'command', command, args: [], version: 1 } as const
  expect(withAbsolutePaths({ name: 'shop', fill }, '/project').fill).toEqual({ ...fill, command: found })
})
