import { hash32, streamKeys, unit } from '../../../random/random.ts'
import type { CellValue } from '../file/cell.ts'
import { rowMomentMs, type Generation } from '../plan.ts'
import { promptContent, promptSubject } from './prompt-text.ts'
import { oneOf } from './text.ts'
import { anchorMs, timestamp } from './timeline.ts'

const fields = ['moment', 'subject', 'text', 'usage', 'update'] as const
const dayMs = 86_400_000

/** Calls `emit` with every row of `prompt_templates`. Names are unique because they end in the row's number. */
export function eachTemplate(generation: Generation, emit: (row: readonly CellValue[]) => void): void {
  const { counts, plan, vocabulary, rowId } = generation
  const key = streamKeys(plan.seed, 'prompt_templates', fields)
  for (let index = 0; index < counts.prompt_templates; index += 1) {
    const createdMs = rowMomentMs(key.moment, index, counts.prompt_templates)
    const subjectKey = hash32(key.subject, index)
    const subject = promptSubject(vocabulary, subjectKey)
    const { task, setting } = subject
    const draw = hash32(key.text, index)
    const ageMs = anchorMs - createdMs
    emit([
      rowId('prompt_templates', index, createdMs),
      `${oneOf(setting.titles, hash32(draw, 1))} ${index + 1}`,
      unit(draw, 3) < 0.8 ? oneOf(setting.descriptions, hash32(draw, 4)) : null,
      promptContent(subject, 300 + (hash32(draw, 2) % 500), subjectKey, 1),
      task.variables,
      task.category,
      Math.floor(4 / (unit(key.usage, index) + 0.002)),
      timestamp(createdMs),
      timestamp(createdMs + unit(key.update, index) * Math.min(60 * dayMs, ageMs)),
    ])
  }
}
