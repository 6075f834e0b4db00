import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readClaims } from './claims.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-claims-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('readClaims', () => {
  test('knows the claims C1 to C21 of the review', async () => {
    const ids = (await readClaims()).map(({ id }) => id)
    expect(ids).toEqual(Array.from({ length: 21 }, (_, i) => `C${i + 1}`))
  })

  const claim = { id: 'C1', section: '1', recommendation: 'do', stated: '−1 %' }
  test.each([
    ['no JSON', '{', /JSON/],
    [
      'a claim without its number',
      JSON.stringify({ source: 's', claims: [{ ...claim, stated: '' }] }),
      /claims\.0\.stated/,
    ],
    ['an id twice', JSON.stringify({ source: 's', claims: [claim, claim] }), /unique/],
  ])('refuses %s and names the file', async (name, text, why) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.json`)
    await writeFile(path, text)
    const refusal = expect(readClaims(path)).rejects
    await refusal.toMatchObject({ code: 'CLAIMS_INVALID', message: expect.stringContaining(path) })
    await expect(readClaims(path)).rejects.toThrow(why)
  })
})
