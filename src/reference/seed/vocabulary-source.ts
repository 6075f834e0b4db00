import { readFileSync } from 'node:fs'
import { z } from 'zod'

const line = z.string().min(1)
const lines = z.array(line).min(1)
const caseShape = z.strictObject({
  name: line,
  input: z.record(z.string(), line),
  expected: line,
  good: line,
  partial: line,
  wrong: line,
})
const taskShape = z.strictObject({
  id: line,
  category: line,
  tags: lines,
  /** Variables of the prompt and the words before them; a test case has a value for each. */
  inputs: z.record(z.string(), line),
  /** The word before the answer of an example. */
  output: line,
  titles: lines,
  descriptions: lines,
  role: line,
  instructions: lines,
  context: lines,
  rules: lines,
  format: line,
  notes: lines,
  cases: z.array(caseShape).min(1),
})
const languageShape = z.strictObject({
  locale: line,
  bytesPerToken: z.number().positive(),
  headings: z.strictObject({
    context: line,
    constraints: line,
    output_format: line,
    examples: line,
    example: line,
    reference: line,
  }),
  products: lines,
  cities: lines,
  /** What stands between two sentences. */
  betweenSentences: z.string(),
  manners: lines,
  rules: lines,
  tasks: z.array(taskShape).min(1),
})
const catalogueShape = z.strictObject({
  tags: lines,
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
  errors: z.array(z.strictObject({ message: line, afterMs: z.number().positive() })).min(1),
})

/** A vocabulary file of one language: patterns with `{slots}`. */
export type LanguageSource = z.infer<typeof languageShape>
export type TaskSource = LanguageSource['tasks'][number]
export type Catalogue = z.infer<typeof catalogueShape>
export type ModelProfile = Catalogue['models'][number]

const folder = new URL('./vocabulary/', import.meta.url)

const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))

export const readLanguage = (file: string): LanguageSource => languageShape.parse(readJson(file))

export const readCatalogue = (): Catalogue => catalogueShape.parse(readJson('catalogue.json'))
