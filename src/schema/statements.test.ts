import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { sqlTokens } from './sql-tokens.ts'
import { leadingWords, splitStatements } from './statements.ts'

it('splits at semicolons outside of strings, quoted names and comments', () => {
  const script = `-- one; comment
CREATE TABLE "a;b" (x TEXT DEFAULT 'it''s; here'); /* ; */ INSERT INTO [a;b] VALUES (x';', \`;\`);;
-- the end;`
  expect(splitStatements(script)).toEqual([
    `-- one; comment\nCREATE TABLE "a;b" (x TEXT DEFAULT 'it''s; here')`,
    "/* ; */ INSERT INTO [a;b] VALUES (x';', `;`)",
  ])
})

it('keeps a trigger whole, with CASE … END and several statements inside', () => {
  const trigger = `CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
  UPDATE a SET x = CASE WHEN 1 THEN 2 END;
  DELETE FROM b;
END`
  expect(splitStatements(`${trigger};\nSELECT 1;`)).toEqual([trigger, 'SELECT 1'])
})

it('reads the first words past comments', () => {
  expect(leadingWords('-- no\n create /* */ unique index x', 2)).toEqual(['CREATE', 'UNIQUE'])
})

it('loses no character and never throws, whatever it is given', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(`'`, '"', ';', '--', '\n', '/*', '*/', '[', ']', 'CREATE TRIGGER', 'END'),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const sql = pieces.join('')
      expect(
        sqlTokens(sql)
          .map(({ text }) => text)
          .join(''),
      ).toBe(sql)
      splitStatements(sql)
    }),
  )
})
