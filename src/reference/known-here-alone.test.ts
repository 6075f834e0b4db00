import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const src = fileURLToPath(new URL('..', import.meta.url))

/** Tables and a column of the reference, where its data come from, and the numbers of the claims about it. */
const words = /\b(?:prompts?|prompt_templates|evaluations?|test_results|user_id|[Tt]he review|C[1-9]\d?)\b/

const modules = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /(?<![.]test)[.]ts$/.test(path))

const placesIn = (text: string): readonly string[] =>
  text.split('\n').flatMap((line, index) => {
    const word = words.exec(line)?.[0]
    return word === undefined ? [] : [`${index + 1}: ${word}`]
  })

describe('outside of reference/', () => {
  test('no module names its tables, the review or a claim of it', () => {
    const found = modules
      .filter((path) => !path.startsWith('reference/'))
      .flatMap((path) => placesIn(readFileSync(join(src, path), 'utf8')).map((place) => `${path}:${place}`))
    expect(found).toEqual([])
  })

  test.each(["'SELECT id FROM prompts'", '// The review asks', 'claim C12 says', 'row.user_id'])(
    'a line such as %s would be found',
    (line) => {
      expect(placesIn(line)).toHaveLength(1)
    },
  )

  test('the modules of reference/ do', () => {
    const inside = modules.filter((path) => path.startsWith('reference/'))
    expect(inside.flatMap((path) => placesIn(readFileSync(join(src, path), 'utf8')))).not.toEqual([])
  })
})
