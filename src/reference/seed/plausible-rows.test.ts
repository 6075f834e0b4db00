import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CellValue } from './file/cell.ts'
import { evaluationBlockRows, evaluationBlocks } from './rows/evaluations.ts'
import { createGeneration } from './plan.ts'
import { promptBlockRows, promptPlan } from './rows/prompt-plan.ts'
import { promptBlocks } from './rows/prompts.ts'
import { tableNames, totalRows, type TableName } from './scale.ts'
import { tableColumns } from './file/table-columns.ts'
import { eachTemplate } from './rows/templates.ts'
import { buildVocabulary } from './vocabulary.ts'

type Row = Readonly<Record<string, CellValue>>
type Tables = Readonly<Record<TableName, readonly Row[]>>

/** All rows of a database, in memory, with texts as they are read from it. */
function generateRows(scale: number, seed: number): Tables {
  const generation = createGeneration({ scale, seed, ids: 'v4' }, buildVocabulary(seed))
  const tables: Record<TableName, Row[]> = {
    prompt_templates: [],
    prompts: [],
    evaluations: [],
    test_results: [],
  }
  const into = (table: TableName) => (values: readonly CellValue[]) => {
    const read = (value: CellValue): CellValue =>
      typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : value
    tables[table].push(
      Object.fromEntries(tableColumns[table].map(({ name }, index) => [name, read(values[index]!)])),
    )
  }
  const plan = promptPlan(generation)
  const prompts = promptBlocks(generation, plan)
  const evaluations = evaluationBlocks(generation, plan)
  const { counts } = generation
  eachTemplate(generation, into('prompt_templates'))
  for (let block = 0; block * promptBlockRows < counts.prompts; block += 1) prompts(block, into('prompts'))
  for (let block = 0; block * evaluationBlockRows < counts.evaluations; block += 1) {
    evaluations(block, into('evaluations'), into('test_results'))
  }
  return tables
}

const isJapanese = (text: CellValue | undefined): boolean => /[ぁ-ん]/.test(String(text))
const byId = (rows: readonly Row[]): ReadonlyMap<CellValue, Row> =>
  new Map(rows.map((row) => [row['id']!, row]))
/** Lines and sentences, as a reader would part them. */
const sentencesOf = (text: CellValue | undefined): readonly string[] =>
  String(text)
    .split(/\n|(?<=[.!?])\s+|(?<=[。！？])/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
const variablesOf = (text: CellValue | undefined): readonly string[] =>
  [...String(text).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!)
const after = (later: CellValue | undefined, earlier: CellValue | undefined): boolean =>
  later !== null && earlier !== null && String(later) > String(earlier)

const promptFaults: Readonly<Record<string, (prompt: Row, parent: Row | undefined) => boolean>> = {
  'changed after it was deleted': (prompt) => after(prompt['updated_at'], prompt['deleted_at']),
  'deleted before it was created': (prompt) => after(prompt['created_at'], prompt['deleted_at']),
  'made from a prompt that was deleted': (prompt, parent) =>
    after(prompt['created_at'], parent?.['deleted_at'] ?? null),
  'another language or task than its parent': (prompt, parent) =>
    parent !== undefined &&
    (isJapanese(prompt['content']) !== isJapanese(parent['content']) ||
      prompt['title'] !== parent['title'] ||
      String(variablesOf(prompt['content'])) !== String(variablesOf(parent['content']))),
  'a sentence twice': ({ content, system_message: system, description }) => {
    const sentences = [content, system, description].flatMap((text) =>
      text === null ? [] : sentencesOf(text),
    )
    return new Set(sentences).size < sentences.length
  },
  'no variable, or an empty place': ({ content }) =>
    variablesOf(content).length === 0 || /(?<![${])\{\w+\}(?!\})/.test(String(content)),
}

const evaluationFaults: Readonly<
  Record<string, (evaluation: Row, prompt: Row, results: readonly Row[]) => boolean>
> = {
  'created before its prompt': (evaluation, prompt) => after(prompt['created_at'], evaluation['created_at']),
  'not finished when its prompt was deleted': (evaluation, prompt) =>
    prompt['deleted_at'] !== null && !after(prompt['deleted_at'], evaluation['updated_at']),
  'waiting for a prompt that was deleted': ({ status }, prompt) =>
    (status === 'pending' || status === 'running') && prompt['deleted_at'] !== null,
  'faster than its slowest result': ({ execution_time_ms: ms }, _, results) =>
    ms !== null && results.some((result) => Number(result['latency_ms']) > Number(ms)),
  'a time that its moments contradict': ({ created_at: from, updated_at: to, execution_time_ms: ms }) =>
    ms !== null && Math.abs(Date.parse(`${to}Z`) - Date.parse(`${from}Z`) - Number(ms)) >= 1000,
  'a result before it began or after its last change': (evaluation, _, results) =>
    results.some(
      (result) =>
        after(result['updated_at'], evaluation['updated_at']) ||
        after(evaluation['created_at'], result['created_at']),
    ),
  'an error without the time it took': ({ error_message: error, execution_time_ms: ms }) =>
    String(error).includes('60000 ms') && Number(ms) < 60_000,
}

const resultFaults: Readonly<Record<string, (result: Row, prompt: Row) => boolean>> = {
  'a locale that is not the language of the input': ({ input_data: input }) =>
    (JSON.parse(String(input)) as Row)['locale'] !== (isJapanese(input) ? 'ja-JP' : 'en-US'),
  'an input in another language than its prompt': ({ input_data: input }, prompt) =>
    isJapanese(input) !== isJapanese(prompt['content']),
  'other inputs than the variables of its prompt': ({ input_data: input }, prompt) =>
    String(Object.keys(JSON.parse(String(input)) as Row)) !==
    String([...variablesOf(prompt['content']), 'locale']),
  'passed below the mark, or failed above it': ({ score, passed }) => (passed === 1) !== Number(score) >= 0.6,
  'the expected answer without full marks, or full marks for another': ({
    expected_output: expected,
    actual_output: actual,
    score,
  }) => expected !== null && (expected === actual) !== (score === 1),
  'an empty place': ({ input_data: input, expected_output: expected, actual_output: actual }) =>
    [input, expected, actual].some((text) => /(?<!\$)\{\w+\}|�/.test(String(text))),
}

function countFaults(tables: Tables): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  const count = (name: string, faulty: boolean): void => {
    counts[name] = (counts[name] ?? 0) + (faulty ? 1 : 0)
  }
  const prompts = byId(tables.prompts)
  const evaluations = byId(tables.evaluations)
  const promptOf = (evaluation: Row): Row => prompts.get(evaluation['prompt_id']!)!
  const results = new Map<CellValue, Row[]>(tables.evaluations.map((row) => [row['id']!, []]))
  for (const result of tables.test_results) results.get(result['evaluation_id']!)!.push(result)
  for (const prompt of tables.prompts) {
    const parent = prompts.get(prompt['parent_id']!)
    for (const [name, isFault] of Object.entries(promptFaults)) count(name, isFault(prompt, parent))
  }
  for (const evaluation of tables.evaluations) {
    const own = results.get(evaluation['id']!)!
    for (const [name, isFault] of Object.entries(evaluationFaults)) {
      count(name, isFault(evaluation, promptOf(evaluation), own))
    }
  }
  for (const result of tables.test_results) {
    const prompt = promptOf(evaluations.get(result['evaluation_id']!)!)
    for (const [name, isFault] of Object.entries(resultFaults)) count(name, isFault(result, prompt))
  }
  for (const template of tables.prompt_templates) {
    const declared = JSON.parse(String(template['variables'])) as readonly string[]
    count(
      'other variables than a template names',
      String(declared) !== String(variablesOf(template['template'])),
    )
  }
  return counts
}

const noFaults = Object.fromEntries(
  [
    ...[promptFaults, evaluationFaults, resultFaults].flatMap((faults) => Object.keys(faults)),
    'other variables than a template names',
  ].map((name) => [name, 0]),
)

const deletedShare = ({ prompts }: Tables): number =>
  prompts.filter((prompt) => prompt['deleted_at'] !== null).length / prompts.length

describe('a hundred thousand rows', () => {
  const tables = generateRows(0.3, 7)
  const rows = Object.fromEntries(tableNames.map((table) => [table, tables[table].length])) as Record<
    TableName,
    number
  >

  test('contradict each other nowhere', () => {
    expect(totalRows(rows)).toBeGreaterThan(100_000)
    expect(countFaults(tables)).toEqual(noFaults)
  })

  test('are deleted prompts in 8 of 100', () => {
    expect(deletedShare(tables)).toBe(0.08)
  })

  test('are prompts of every section and of sizes from a line to several pages', () => {
    const contents = tables.prompts.map(({ content }) => String(content))
    for (const part of [
      /\n(## )?Context|<context>|背景/,
      /- .+\n- /,
      /Example 1|例 1/,
      /Reference|参考資料/,
    ]) {
      expect(contents.some((content) => part.test(content))).toBe(true)
    }
    const bytes = contents.map((content) => Buffer.byteLength(content)).toSorted((a, b) => a - b)
    const quantile = (share: number): number => bytes[Math.floor(bytes.length * share)]!
    expect(quantile(0.5)).toBeGreaterThan(350)
    expect(quantile(0.5)).toBeLessThan(650)
    expect(quantile(0.9)).toBeGreaterThan(1000)
    expect(bytes.at(-1)).toBeGreaterThan(3000)
  })

  test('answer the same test case in the same suite with the same expected output', () => {
    const evaluations = byId(tables.evaluations)
    const expected = new Map<string, CellValue>()
    for (const {
      evaluation_id: id,
      test_case_name: name,
      input_data: input,
      expected_output: output,
    } of tables.test_results) {
      const suite = evaluations.get(id!)!['test_suite_id']
      if (suite === null) continue
      const key = `${String(suite)} ${String(name)} ${String(input)}`
      if (expected.has(key)) expect(output).toBe(expected.get(key))
      expected.set(key, output!)
    }
    expect(expected.size).toBeGreaterThan(1000)
  })
})

test('rows contradict each other for no seed, and 8 of 100 prompts are deleted', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (seed) => {
      const tables = generateRows(0.01, seed)
      expect(countFaults(tables)).toEqual(noFaults)
      expect(deletedShare(tables)).toBe(0.08)
    }),
    { numRuns: 8 },
  )
})

test('the faults are found where they are', () => {
  const tables = generateRows(0.01, 1)
  const spoilt = {
    ...tables,
    prompts: tables.prompts.map((row) => ({
      ...row,
      content: `${row['content']}\n{place}\nSame.\nSame.`,
      updated_at: '2026',
    })),
    evaluations: tables.evaluations.map((row, index) => ({
      ...row,
      updated_at: row['created_at']!,
      execution_time_ms: index % 2 === 0 ? 1 : 50_000,
    })),
    test_results: tables.test_results.map((row) => ({
      ...row,
      input_data: String(row['input_data']).replace('US', 'GB').replace('{', '{"more":"{n}",'),
      passed: 1,
      score: 0.5,
      actual_output: row['expected_output']!,
    })),
  }
  const found = countFaults(spoilt)
  for (const name of [
    'changed after it was deleted',
    'a sentence twice',
    'no variable, or an empty place',
    'faster than its slowest result',
    'a time that its moments contradict',
    'a result before it began or after its last change',
    'a locale that is not the language of the input',
    'other inputs than the variables of its prompt',
    'passed below the mark, or failed above it',
    'the expected answer without full marks, or full marks for another',
    'an empty place',
  ]) {
    expect(found[name], name).toBeGreaterThan(0)
  }
})
