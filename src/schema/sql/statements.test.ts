import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { sqlTokens } from './sql-tokens.ts'
import { leadingWords, scriptStatements } from './statements.ts'

const textsOf = (script: string): readonly string[] =>
  Array.from(scriptStatements([script]), ({ text }) => text)

it('splits at semicolons outside of strings, quoted names and comments', () => {
  const script = `-- one; comment
CREATE TABLE "a;b" (x TEXT DEFAULT 'it''s; here'); /* ; */ INSERT INTO [a;b] VALUES (x';', \`;\`);;
-- the end;`
  expect(textsOf(script)).toEqual([
    `-- one; comment\nCREATE TABLE "a;b" (x TEXT DEFAULT 'it''s; here')`,
    "/* ; */ INSERT INTO [a;b] VALUES (x';', `;`)",
  ])
})

it('keeps a trigger whole, with CASE … END and several statements inside', () => {
  const trigger = `CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
  UPDATE a SET x = CASE WHEN 1 THEN 2 END;
  DELETE FROM b;
END`
  expect(textsOf(`${trigger};\nSELECT 1;`)).toEqual([trigger, 'SELECT 1'])
})

it('says on which line a statement begins, past the comments before it', () => {
  const script = `/* of\ntwo lines */\n-- and one\n\nSELECT 'a\nb';\n;\n -- no\n-1; / \n2`
  expect(Array.from(scriptStatements([script]), ({ line }) => line)).toEqual([5, 9, 9])
})

it('takes a dash or a slash for what it is, whatever follows', () => {
  expect(textsOf(`SELECT 1-1; SELECT 2/'a;'; SELECT 3 -;SELECT 4 /`)).toEqual([
    'SELECT 1-1',
    `SELECT 2/'a;'`,
    'SELECT 3 -',
    'SELECT 4 /',
  ])
  expect(textsOf('/***/SELECT 1;/* * / ; **/')).toEqual(['/***/SELECT 1'])
})

it('knows a trigger by its first words alone, in any case and past comments', () => {
  expect(textsOf('create /* */ temporary\ntrigger t begin select 1; end; select 2')).toHaveLength(2)
  expect(textsOf('EXPLAIN QUERY PLAN CREATE TRIGGER t BEGIN SELECT 1; END; SELECT 2')).toHaveLength(2)
  expect(textsOf('CREATE TABLE trigger_; SELECT 2')).toHaveLength(2)
  expect(textsOf('CREATE TABLE t (trigger); SELECT 2')).toHaveLength(2)
  expect(textsOf('CREATE "x" TRIGGER; SELECT 2')).toHaveLength(2)
  expect(textsOf(`CREATE TRIGGER t BEGIN SELECT 'x'; "END"; END; SELECT 2`)).toHaveLength(2)
})

/** What decides how a script is split, and what may stand between. */
const scriptPart = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    ...`' " ; -- - / * /* */ [ ] \` '' CREATE TEMP TRIGGER BEGIN END EXPLAIN SELECT`.split(' '),
    '\n',
    '\r\n',
    ' ',
    'CREATE TRIGGER t BEGIN SELECT 1; END;',
    "INSERT INTO t VALUES ('a;b');",
  ),
)
const scriptText = fc.array(scriptPart).map((parts) => parts.join(''))

it('splits pieces as it splits the whole, wherever the cuts are', () => {
  fc.assert(
    fc.property(scriptText, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (script, lengths) => {
      const pieces: string[] = []
      for (let at = 0; at < script.length; at += pieces.at(-1)!.length)
        pieces.push(script.slice(at, at + lengths.next().value!))
      expect(pieces.join('')).toBe(script)
      expect([...scriptStatements(pieces)]).toEqual([...scriptStatements([script])])
    }),
  )
})

it('loses nothing but semicolons, blanks and comments', () => {
  const code = (text: string): string =>
    Array.from(sqlTokens(text), ({ kind, text }) => (kind === 'space' || kind === 'semicolon' ? '' : text))
      .join('')
      .replaceAll(/\s/g, '')
  fc.assert(
    fc.property(scriptText, (script) => {
      const tokens = Array.from(sqlTokens(script), ({ text }) => text)
      expect(tokens.join('')).toBe(script)
      expect(textsOf(script).map(code).join('')).toBe(code(script))
    }),
  )
})

it('refuses a statement without end before it fills the memory, with the line where it begins', () => {
  function* endless(): Iterable<string> {
    yield "SELECT 1;\nSELECT '"
    for (;;) yield 'x'.repeat(1024 * 1024)
  }
  expect(() => [...scriptStatements(endless())]).toThrow(
    /^2: a statement of more than 64 million characters; close/,
  )
})

it('reads the first words past comments', () => {
  expect(leadingWords('-- no\n create /* */ unique index x', 2)).toEqual(['CREATE', 'UNIQUE'])
})
