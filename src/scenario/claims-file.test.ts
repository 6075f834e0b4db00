import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOfRun, claimsUnderLoad } from './checked-claims.ts'
import { nearestClaims } from './claims-file.ts'
import { loadScenario } from './load.ts'
import { referenceDatasets } from '../reference/dataset.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forgebench-claims-'))
  await mkdir(join(folder, 'bench', 'deep'), { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const claim = { id: 'ticket 12: faster', source: 'ticket 12', statement: 'an index', claimed: '−50 %' }
const scenarioText = (claims: string): string =>
  `export default { title: 't', why: 'w', claims: ${claims},
  variants: [
    { id: 'a', title: 'a', role: 'baseline', migrations: [] },
    { id: 'b', title: 'b', role: 'candidate', migrations: [] },
  ],
  operations: [{ kind: 'read', id: 'Q', title: 'q', sql: 'SELECT 1', draw: { sql: 'SELECT 1' }, args: () => [],
    rows: { min: 1, max: 1 } }] }`
const part = `measure: 'bytes', of: 'file', variant: 'b', versus: 'a', claimed: { from: -0.1, to: -0.1 }`

const loaded = async (name: string, claims: string) => {
  const path = join(folder, 'bench', 'deep', name)
  await writeFile(path, scenarioText(claims))
  return loadScenario(path, referenceDatasets)
}

describe('the claims of a scenario', () => {
  test('are those of claims.json in the nearest folder above it, with the parts that the scenario checks', async () => {
    await writeFile(
      join(folder, 'claims.json'),
      JSON.stringify({ claims: [{ ...claim, source: 'too far' }] }),
    )
    await writeFile(join(folder, 'bench', 'claims.json'), JSON.stringify({ claims: [claim] }))
    const { claims } = await loaded('own.ts', `[{ claim: '${claim.id}', parts: [{ ${part} }], note: 'n' }]`)
    expect(claims).toMatchObject([{ ...claim, note: 'n', parts: [{ measure: 'bytes', of: 'file' }] }])
    await expect(loaded('typo.ts', `[{ claim: 'ticket 12: fastr', parts: [{ ${part} }] }]`)).rejects.toThrow(
      'typo.ts: claims[0].claim: no claim ticket 12: fastr; did you mean ticket 12: faster?',
    )
  })

  test.each([
    ['[]', 'claims.json: Invalid input: expected object, received array; its form is'],
    [
      '{ "claims": [{ "id": 1, "source": "", "statement": "s", "claimed": "c" }] }',
      /claims\.json: claims\.0\.id: [^;]+; claims\.0\.source: [^;]+; its form is/,
    ],
    ['{ "claims": ', /claims\.json: Unexpected end of JSON input; its form is/],
  ])('are refused with every mistake of the file: %s', async (text, message) => {
    const lonely = await mkdtemp(join(tmpdir(), 'forgebench-claims-'))
    try {
      await writeFile(join(lonely, 'claims.json'), text)
      await expect(nearestClaims(join(lonely, 'x.ts'), lonely)).rejects.toThrow(message)
    } finally {
      await rm(lonely, { recursive: true })
    }
  })

  test('need no file where there are none, and say how to write one where it is missing', async () => {
    const top = join(folder, 'bench', 'deep')
    expect(await nearestClaims(join(top, 'x.ts'), top)).toEqual({ path: undefined, claims: [] })
    expect((await loaded('none.ts', '[]')).claims).toEqual([])
    const lonely = await mkdtemp(join(tmpdir(), 'forgebench-lonely-'))
    try {
      await writeFile(join(lonely, 'x.ts'), scenarioText(`[{ claim: 'C1', parts: [{ ${part} }] }]`))
      await expect(loadScenario(join(lonely, 'x.ts'), referenceDatasets)).rejects.toThrow(
        'claims[0].claim: no claims.json beside the scenario or above it; write one: { "claims":',
      )
    } finally {
      await rm(lonely, { recursive: true })
    }
  })

  test('of the review are C1 to C21; those under load are for the comparison of APIs alone', async () => {
    const { path, claims } = await loadScenario('indexes/composite', referenceDatasets)
    expect((await nearestClaims(path)).claims.map(({ id }) => id)).toEqual(
      Array.from({ length: 21 }, (_, i) => `C${i + 1}`),
    )
    expect(claimsOfRun(claims).map(({ id }) => id)).toEqual(['C1'])
    const compared = [
      { id: 'baseline', versus: null },
      { id: 'composite', versus: 'baseline' },
    ]
    expect(claimsUnderLoad(claims, compared, ['review', 'reads'])).toMatchObject([
      {
        id: 'C2',
        parts: [
          { measure: 'throughput', operation: 'review', variant: 'composite', versus: 'baseline' },
          { measure: 'throughput', operation: 'reads', variant: 'composite', versus: 'baseline' },
        ],
      },
    ])
  })

  test.each([
    ['no JSON', '{', /JSON/],
    [
      'a claim without what it claims',
      JSON.stringify({ claims: [{ ...claim, claimed: '' }] }),
      /claims\.0\.claimed/,
    ],
    ['an id twice', JSON.stringify({ claims: [claim, claim] }), /unique/],
  ])('refuses %s and names the file', async (name, text, why) => {
    const place = join(folder, name.replaceAll(' ', '-'))
    await mkdir(place)
    await writeFile(join(place, 'claims.json'), text)
    const refusal = nearestClaims(join(place, 'x.ts'))
    await expect(refusal).rejects.toMatchObject({
      code: 'CLAIMS_INVALID',
      message: expect.stringContaining(join(place, 'claims.json')),
    })
    await expect(refusal).rejects.toThrow(why)
  })
})
