import { expect, it } from 'vitest'
import { readMigrationScript, type MigrationScript } from './migration-script.ts'

const read = (script: string): MigrationScript =>
  readMigrationScript({ name: 'up.sql', pieces: () => [script] })

it('skips what generators write around a rebuilt table, because it is done anyway, and says so with the line', () => {
  const script = `PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE t (x);
/* as Prisma
   writes it */ PRAGMA defer_foreign_keys=ON;
pragma FOREIGN_KEY_CHECK("t");
PRAGMA foreign_keys = ON`
  const why = 'is skipped: foreign keys are off while a migration runs, and checked at its end'
  const { statements, ...rest } = read(script)
  expect([...statements]).toEqual([{ text: '--> statement-breakpoint\nCREATE TABLE t (x)', line: 2 }])
  expect(rest).toMatchObject({
    statementCount: 1,
    notes: [
      `1: PRAGMA foreign_keys=OFF ${why}`,
      `4: PRAGMA defer_foreign_keys=ON ${why}`,
      `5: pragma FOREIGN_KEY_CHECK("t") ${why}`,
      `6: PRAGMA foreign_keys = ON ${why}`,
    ],
    mistakes: [],
  })
})

it('refuses another PRAGMA and transactions with the line and what to delete', () => {
  const { mistakes } = read(
    "INSERT INTO t VALUES (';\n');\n\nBEGIN;\nPRAGMA journal_mode = DELETE; PRAGMA foreign_keys_x = 1",
  )
  const why = 'forgebench runs the script in one transaction of its own; delete'
  expect(mistakes).toEqual([
    `4: BEGIN is not for a migration: ${why} BEGIN`,
    `5: PRAGMA is not for a migration: ${why} PRAGMA journal_mode = DELETE`,
    `5: PRAGMA is not for a migration: ${why} PRAGMA foreign_keys_x = 1`,
  ])
})

it('refuses a script in which nothing is left to run', () => {
  expect(read('PRAGMA foreign_keys=OFF;').mistakes).toEqual(['1: no statement; write at least one'])
})

it('refuses to go on with a script that is no longer what was read', () => {
  let script = 'CREATE TABLE t (x); INSERT INTO t VALUES (1);'
  const { statements } = readMigrationScript({ name: 'a/up.sql', pieces: () => [script] })
  expect(Array.from(statements, ({ text }) => text)).toHaveLength(2)
  script = script.replace('1', '2')
  expect(() => [...statements]).toThrow('a/up.sql: changed while the command ran; run it again')
})

it('has a bounded number of messages for a file that is no script of ours', () => {
  expect(read('BEGIN;\n'.repeat(5_000)).mistakes).toHaveLength(100)
  expect(read('PRAGMA foreign_keys=ON;\n'.repeat(5_000)).notes).toHaveLength(100)
})
