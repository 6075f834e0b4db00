import { expect, test } from 'vitest'
import { NativeConnection } from './native.ts'

test('a database that has no room left says what to do', () => {
  const connection = new NativeConnection(':memory:', { pragmas: ['PRAGMA max_page_count = 4'] })
  try {
    connection.scriptSync('CREATE TABLE t (a)')
    expect(() => connection.executeSync('INSERT INTO t VALUES (zeroblob(100000))')).toThrow(
      expect.objectContaining({
        code: 'TARGET_DISK_FULL',
        message: ':memory:: database or disk is full; free room, then try again',
      }),
    )
  } finally {
    connection.close()
  }
})
