import { hash32, logNormal, unit } from '../../../random/random.ts'
import { oneOf } from './text.ts'
import type { Language, Setting, Task, Vocabulary } from '../vocabulary.ts'

/** What all versions of a prompt have in common. */
export interface PromptSubject {
  readonly language: Language
  readonly task: Task
  readonly setting: Setting
}

const japaneseShare = 0.3
const medianBytes = 420
/** A reference of a line or two is none. */
const leastReferenceBytes = 300
/** Together 0.8: lengths differ more between prompts than between the versions of one. */
const [chainSpread, versionSpread] = [0.76, 0.25]

/** The subject of a version chain: three of ten are Japanese. */
export function promptSubject(vocabulary: Vocabulary, chainKey: number): PromptSubject {
  const language = unit(chainKey, 1) < japaneseShare ? vocabulary.japanese : vocabulary.english
  const task = oneOf(language.tasks, hash32(chainKey, 2))
  return { language, task, setting: oneOf(task.settings, hash32(chainKey, 3)) }
}

/** About how many bytes the content of a prompt has; log-normal. */
export function promptBytes(chainKey: number, version: number): number {
  const chainMedian = logNormal(medianBytes, chainSpread, unit(chainKey, 4), unit(chainKey, 5))
  const versionKey = hash32(chainKey, 1000 + version)
  return logNormal(chainMedian, versionSpread, unit(versionKey, 1), unit(versionKey, 2))
}

type SectionName = 'context' | 'constraints' | 'output_format' | 'examples' | 'reference'

/** A section as prompts mark them: with a heading of Markdown, a plain one, or a tag. */
function section({ headings }: Language, style: number, name: SectionName, body: string): string {
  if (body === '') return ''
  if (style === 0) return `## ${headings[name]}\n${body}\n\n`
  return style === 1 ? `${headings[name]}:\n${body}\n\n` : `<${name}>\n${body}\n</${name}>\n\n`
}

/** Consecutive items from a place on, each at most once, until about `bytes` bytes are taken. */
function take(items: readonly string[], start: number, bytes: number): { taken: string[]; bytes: number } {
  const taken: string[] = []
  let used = 0
  while (taken.length < items.length) {
    const item = items[(start + taken.length) % items.length]!
    if (used + item.length / 2 > bytes) break
    taken.push(item)
    used += item.length + 1
  }
  return { taken, bytes: used }
}

/**
 * The content of a prompt: the task, then context, constraints, output format, examples and reference material as far as
 * they fit into about `bytes` bytes, and the variables. No sentence stands there twice: every pool is used without
 * repetition, and the pools have none in common.
 */
export function promptContent(
  { language, task, setting }: PromptSubject,
  bytes: number,
  chainKey: number,
  version: number,
): string {
  const style = hash32(chainKey, 6) % 3
  // Once in a while a version words the task anew.
  const instruction = oneOf(setting.instructions, hash32(chainKey, 7) + Math.floor(version / 4))
  let left = bytes - instruction.length - task.input.length
  const hasFormat = left > task.format.length
  if (hasFormat) left -= task.format.length + 20
  const context = take(setting.context, 0, left * 0.3)
  const rules = take(task.rules, hash32(chainKey, 8), left * 0.5)
  left -= context.bytes + rules.bytes
  const variants = task.examples.map((same, index) => oneOf(same, hash32(chainKey, 20 + index)))
  const examples = take(variants, hash32(chainKey, 9), left)
  left -= examples.bytes
  const firstNote = hash32(chainKey, 10) % Math.floor(task.notes.length / 2)
  const notes = take(task.notes, firstNote, left < leastReferenceBytes ? 0 : left)
  const numbered = examples.taken.map((text, index) => `${language.headings.example} ${index + 1}\n${text}`)
  return (
    `${instruction}\n\n` +
    section(language, style, 'context', context.taken.join('\n')) +
    section(language, style, 'constraints', rules.taken.map((rule) => `- ${rule}`).join('\n')) +
    section(language, style, 'output_format', hasFormat ? task.format : '') +
    section(language, style, 'examples', numbered.join('\n\n')) +
    section(language, style, 'reference', notes.taken.join('\n')) +
    task.input
  )
}
