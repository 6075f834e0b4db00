import { faker as english } from '@faker-js/faker/locale/en'
import { faker as japanese } from '@faker-js/faker/locale/ja'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { below, hash32, streamKey } from '../random/hash.ts'
import { anchorMs } from './timeline.ts'

const words = z.array(z.string().min(1)).min(1)
const languageShape = z.strictObject({
  topics: words,
  actions: words,
  roles: words,
  rules: words,
  situations: words,
  answers: words,
  cases: words,
})
const catalogueShape = z.strictObject({
  tags: words,
  categories: words,
  models: z.array(
    z.strictObject({
      provider: z.string(),
      model: z.string(),
      weight: z.number().positive(),
      usdPerThousandTokens: z.number().positive(),
      latencyMs: z.number().positive(),
      quality: z.number().min(0).max(1),
    }),
  ),
  errors: words,
})

type LanguageWords = z.infer<typeof languageShape>
export type Catalogue = z.infer<typeof catalogueShape>
export type ModelProfile = Catalogue['models'][number]

/** Phrases of one language as byte strings (one character per UTF-8 byte), free of quotes and backslashes. */
export interface Phrases {
  readonly titles: readonly string[]
  readonly roles: readonly string[]
  readonly instructions: readonly string[]
  readonly questions: readonly string[]
  readonly answers: readonly string[]
  readonly cases: readonly string[]
  readonly topics: readonly string[]
}

/** Everything that rows are assembled from; a function of the seed alone, and cheap to copy to a worker. */
export interface Vocabulary {
  readonly english: Phrases
  readonly japanese: Phrases
  readonly catalogue: Catalogue
}

interface Names {
  company(): string
  person(): string
  city(): string
  product(): string
}

const folder = new URL('../../fixtures/vocabulary/', import.meta.url)
const poolSize = 300

const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))

const byteString = (text: string): string =>
  Buffer.from(text.replaceAll(/["\\\p{Cc}]/gu, ' '), 'utf8').toString('latin1')

function pool(patterns: readonly string[], words: LanguageWords, names: Names, key: number): string[] {
  return Array.from({ length: poolSize }, (_, index) => {
    const pattern = patterns[index % patterns.length]!
    const filled = pattern.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
      const draw = hash32(key, index)
      if (slot === 'n') return String(2 + below(8, draw, 1))
      if (slot === 'topic') return words.topics[below(words.topics.length, draw, 2)]!
      return names[slot as keyof Names]()
    })
    return byteString(filled)
  })
}

function phrases(words: LanguageWords, names: Names, key: number, title: string): Phrases {
  const titles = words.topics.flatMap((topic) =>
    words.actions.map((action) => byteString(title.replace('{action}', action).replace('{topic}', topic))),
  )
  const bytes = (list: readonly string[]): string[] => list.map(byteString)
  return {
    titles,
    roles: bytes(words.roles),
    instructions: pool([...words.situations, ...words.rules], words, names, hash32(key, 1)),
    questions: pool(words.situations, words, names, hash32(key, 2)),
    answers: pool(words.answers, words, names, hash32(key, 3)),
    cases: bytes(words.cases),
    topics: bytes(words.topics),
  }
}

/** Builds the phrase pools of a seed: faker is too slow to be asked for every row. */
export function buildVocabulary(seed: number): Vocabulary {
  for (const faker of [english, japanese]) {
    faker.seed(seed)
    faker.setDefaultRefDate(anchorMs)
  }
  const key = streamKey(seed, 'vocabulary')
  const englishNames: Names = {
    company: () => english.company.name(),
    person: () => english.person.fullName(),
    city: () => english.location.city(),
    product: () => english.commerce.productName(),
  }
  const japaneseNames: Names = {
    company: () => japanese.company.name(),
    person: () => japanese.person.fullName().replaceAll(' ', ''),
    city: () => japanese.location.city(),
    product: () => japanese.company.name(),
  }
  const read = (name: string): LanguageWords => languageShape.parse(readJson(name))
  return {
    english: phrases(read('english.json'), englishNames, hash32(key, 1), '{action} {topic}'),
    japanese: phrases(read('japanese.json'), japaneseNames, hash32(key, 2), '{topic}を{action}'),
    catalogue: catalogueShape.parse(readJson('catalogue.json')),
  }
}
