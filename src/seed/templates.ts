import { hash32, streamKeys, unit } from '../random/hash.ts'
import type { CellValue } from './cell.ts'
import { rowMomentMs, type Generation } from './plan.ts'
import { oneOf, sentences } from './text.ts'
import { timestamp } from './timeline.ts'

const fields = ['moment', 'name', 'text', 'category', 'usage', 'update'] as const

/** Calls `emit` with every row of `prompt_templates`. Names are unique because they end in the row's number. */
export function eachTemplate(generation: Generation, emit: (row: readonly CellValue[]) => void): void {
  const { counts, plan, vocabulary } = generation
  const key = streamKeys(plan.seed, 'prompt_templates', fields)
  const { english, catalogue } = vocabulary
  for (let index = 0; index < counts.prompt_templates; index += 1) {
    const createdMs = rowMomentMs(key.moment, index, counts.prompt_templates)
    const draw = hash32(key.text, index)
    const topic = oneOf(english.topics, hash32(draw, 1))
    const body = sentences(english.instructions, 200 + (hash32(draw, 2) % 500), draw)
    emit([
      generation.rowId('prompt_templates', index, createdMs),
      `${oneOf(english.titles, hash32(key.name, index))} ${index + 1}`,
      unit(draw, 3) < 0.8 ? `Reusable instructions for ${topic}.` : null,
      `You are ${oneOf(english.roles, hash32(draw, 4))}.\n${body}\n\nInput: {{input}}\nTone: {{tone}}`,
      `["input","tone"${unit(draw, 5) < 0.4 ? ',"language"' : ''}]`,
      oneOf(catalogue.categories, hash32(key.category, index)),
      Math.floor(4 / (unit(key.usage, index) + 0.002)),
      timestamp(createdMs),
      timestamp(createdMs + unit(key.update, index) * 60 * 86_400_000),
    ])
  }
}
