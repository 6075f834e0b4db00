import { expect, it } from 'vitest'
import { readMigrationScript } from './migration-script.ts'

it('skips what generators write around a rebuilt table, because it is done anyway, and says so with the line', () => {
  const script = `PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE t (x);
/* as Prisma
   writes it */ PRAGMA defer_foreign_keys=ON;
pragma FOREIGN_KEY_CHECK("t");
PRAGMA foreign_keys = ON`
  const why = 'is skipped: foreign keys are off while a migration runs, and checked at its end'
  expect(readMigrationScript(script)).toEqual({
    statements: ['--> statement-breakpoint\nCREATE TABLE t (x)'],
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
  const { mistakes } = readMigrationScript(
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
  expect(readMigrationScript('PRAGMA foreign_keys=OFF;').mistakes).toEqual([
    '1: no statement; write at least one',
  ])
})
