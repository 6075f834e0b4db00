import { faker as english } from '@faker-js/faker/locale/en'
import { faker as japanese } from '@faker-js/faker/locale/ja'
import { below, hash32, streamKey } from '../../random/random.ts'
import { anchorMs } from './rows/timeline.ts'
import {
  readCatalogue,
  readLanguage,
  type Catalogue,
  type LanguageSource,
  type TaskSource,
} from './vocabulary-source.ts'

/** A test case, and answers to it by quality. */
export interface TestCase {
  readonly name: string
  /** JSON: a value for every variable of the prompt, and the locale. */
  readonly input: string
  readonly expected: string
  /** Says the same in other words. */
  readonly good: string
  /** Lacks something that was asked for. */
  readonly partial: string
  readonly wrong: string
}

/** The texts of a task for one company, product and person. */
export interface Setting {
  readonly titles: readonly string[]
  readonly descriptions: readonly string[]
  readonly role: string
  readonly instructions: readonly string[]
  readonly context: readonly string[]
}

/** A kind of prompt. All texts of a vocabulary are byte strings: one character per UTF-8 byte. */
export interface Task {
  readonly category: string
  readonly tags: readonly string[]
  /** JSON list of the variables. */
  readonly variables: string
  /** Where the variables stand in the prompt: `Ticket: {{ticket}}`. */
  readonly input: string
  readonly rules: readonly string[]
  readonly format: string
  readonly settings: readonly Setting[]
  /** Numbered lines of reference material. */
  readonly notes: readonly string[]
  /** Inputs with their answers; lists of the same case with other names. */
  readonly examples: readonly (readonly string[])[]
  readonly cases: readonly TestCase[]
}

export interface Language {
  readonly bytesPerToken: number
  readonly headings: LanguageSource['headings']
  readonly betweenSentences: string
  /** Second sentences of system messages. */
  readonly manners: readonly string[]
  readonly tasks: readonly Task[]
}

/** Everything that rows are assembled from; a function of the seed alone, and cheap to copy to a worker. */
export interface Vocabulary {
  readonly english: Language
  readonly japanese: Language
  readonly catalogue: Catalogue
}

interface Names {
  readonly company: readonly string[]
  readonly person: readonly string[]
  readonly city: readonly string[]
  readonly product: readonly string[]
  readonly date: (month: number, day: number) => string
}

type Fill = (pattern: string) => string

const namesOfAKind = 64
const settingsPerTask = 24
const examplesPerCase = 4
const testsPerCase = 20
const notesPerTask = 96

const byteString = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** Different names, free of characters that would end a sentence or an SQL text. */
function namePool(draw: () => string): readonly string[] {
  const names = new Set<string>()
  while (names.size < namesOfAKind) {
    const name = draw().replaceAll(' - ', '-')
    if (!/["'’.\\\p{Cc}]/u.test(name)) names.add(name)
  }
  return [...names]
}

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** Fills `{slots}` of patterns with the names and numbers that belong to `key`; `index` keeps neighbours apart. */
function fillWith(names: Names, key: number, index: number): Fill {
  const pick = (list: readonly string[], shift: number): string =>
    list[(hash32(key, shift) + index) % list.length]!
  // Steps that share no factor with the count: no two indexes meet.
  const distinct = (least: number, count: number, step: number, shift: number): string =>
    String(least + (((hash32(key, shift) % count) + index * step) % count))
  const n = 2 + ((hash32(key, 1) + index * 3 + Math.floor(index / names.product.length)) % 8)
  const [month, day] = [1 + below(9, hash32(key, index), 2), 1 + below(28, hash32(key, index), 3)]
  const slots: Readonly<Record<string, string>> = {
    company: pick(names.company, 4),
    product: pick(names.product, 5),
    person: pick(names.person, 6),
    // Another person in every case: the pool is longer than two.
    person2: names.person[(hash32(key, 6) + index + 7) % names.person.length]!,
    city: pick(names.city, 7),
    n: String(n),
    m: String(n + 2 + below(5, hash32(key, index), 8)),
    order: distinct(10_000, 90_000, 4513, 9),
    amount: distinct(100, 900, 37, 10),
    date: names.date(month, day),
    iso: `2023-${twoDigits(month)}-${twoDigits(day)}`,
    id: String(100 + index),
  }
  // `${…}` is code in a text.
  return (pattern) =>
    byteString(pattern.replaceAll(/(?<!\$)\{(\w+)\}/g, (whole, slot: string) => slots[slot] ?? whole))
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** Rules of the task and of all tasks in turn, so that any stretch of the list has both. */
const alternate = (first: readonly string[], second: readonly string[]): string[] =>
  times(Math.max(first.length, second.length), (index) => [
    ...first.slice(index, index + 1),
    ...second.slice(index, index + 1),
  ]).flat()

function settingOf(task: TaskSource, fill: Fill): Setting {
  return {
    titles: task.titles.map(fill),
    descriptions: task.descriptions.map(fill),
    role: fill(task.role),
    instructions: task.instructions.map(fill),
    context: task.context.map(fill),
  }
}

function buildTask(task: TaskSource, language: LanguageSource, names: Names, key: number): Task {
  const { inputs, cases } = task
  const fillAt = (index: number): Fill => fillWith(names, hash32(key, 1), index)
  const exampleOf = ({ input, expected }: TaskSource['cases'][number], fill: Fill): string =>
    [
      ...Object.entries(inputs).map(([name, label]) => `${label}: ${input[name]}`),
      `${task.output}: ${expected}`,
    ]
      .map(fill)
      .join('\n')
  const testOf = ({ name, input, ...answers }: TaskSource['cases'][number], fill: Fill): TestCase => {
    const values = Object.keys(inputs).map((variable) => [variable, fill(input[variable]!)])
    // Byte strings have no character above U+00FF, and JSON leaves those as they are.
    const json = JSON.stringify({ ...Object.fromEntries(values), locale: language.locale })
    return {
      name: fill(name),
      input: json,
      expected: fill(answers.expected),
      good: fill(answers.good),
      partial: fill(answers.partial),
      wrong: fill(answers.wrong),
    }
  }
  return {
    category: task.category,
    tags: task.tags,
    variables: JSON.stringify(Object.keys(inputs)),
    input: byteString(
      Object.entries(inputs)
        .map(([name, label]) => `${label}: {{${name}}}`)
        .join('\n'),
    ),
    rules: alternate(task.rules, language.rules).map(byteString),
    format: byteString(task.format),
    settings: times(settingsPerTask, (index) => settingOf(task, fillWith(names, hash32(key, 2), index))),
    notes: times(notesPerTask, (index) =>
      fillWith(names, hash32(key, 3), index)(task.notes[index % task.notes.length]!),
    ),
    // No two examples share their names and numbers, and no test case is an example.
    examples: cases.map((one, place) =>
      times(examplesPerCase, (index) => exampleOf(one, fillAt(testsPerCase + index * cases.length + place))),
    ),
    cases: times(testsPerCase, fillAt).flatMap((fill) => cases.map((one) => testOf(one, fill))),
  }
}

function buildLanguage(file: string, names: (source: LanguageSource) => Names, key: number): Language {
  const source = readLanguage(file)
  const filled = names(source)
  const headings = Object.fromEntries(
    Object.entries(source.headings).map(([name, heading]) => [name, byteString(heading)]),
  ) as unknown as LanguageSource['headings']
  return {
    bytesPerToken: source.bytesPerToken,
    betweenSentences: source.betweenSentences,
    headings,
    manners: source.manners.map(byteString),
    tasks: source.tasks.map((task) => buildTask(task, source, filled, streamKey(key, task.id))),
  }
}

const months = 'January February March April May June July August September'.split(' ')

/** Builds the texts of a seed: names and patterns are joined here once, since faker is too slow to be asked for every row. */
export function buildVocabulary(seed: number): Vocabulary {
  for (const faker of [english, japanese]) {
    faker.seed(seed)
    faker.setDefaultRefDate(anchorMs)
  }
  const key = streamKey(seed, 'vocabulary')
  const englishNames = ({ products, cities }: LanguageSource): Names => ({
    company: namePool(() => english.company.name()),
    person: namePool(() => `${english.person.firstName()} ${english.person.lastName()}`),
    city: cities,
    product: products,
    date: (month, day) => `${day} ${months[month - 1]}`,
  })
  const japaneseNames = ({ products, cities }: LanguageSource): Names => ({
    company: namePool(() => japanese.company.name()),
    person: namePool(() => `${japanese.person.lastName()}${japanese.person.firstName()}`),
    city: cities,
    product: products,
    date: (month, day) => `${month}月${day}日`,
  })
  return {
    english: buildLanguage('english.json', englishNames, hash32(key, 1)),
    japanese: buildLanguage('japanese.json', japaneseNames, hash32(key, 2)),
    catalogue: readCatalogue(),
  }
}
