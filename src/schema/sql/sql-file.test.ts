import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { sqlFilePieces } from './sql-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'forgebench-sql-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('reads a file of many pieces without its mark and with the line ends of Unix, also where a cut falls between', () => {
  const path = join(folder, 'a.sql')
  for (const shift of ['', 'x', 'xx', 'xxx']) {
    writeFileSync(path, `\u{feff}${shift}${'a\r\né\r'.repeat(40_000)}\r`)
    const pieces = [...sqlFilePieces(path)]
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.join('')).toBe(`${shift}${'a\né\r'.repeat(40_000)}\r`)
  }
})
