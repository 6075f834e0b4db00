import { defineScenario } from 'forgebench'
import {
  evaluationById,
  insertEvaluations,
  latestEvaluations,
  promptWithEvaluations,
} from '../queries/evaluations.ts'
import { activePromptsOfUser, laterVersions, promptById } from '../queries/prompts.ts'
import {
  deleteTestResults,
  insertTestResults,
  meanScoreOfPassed,
  resultById,
  resultsOfPrompt,
} from '../queries/test-results.ts'

const binary = { variant: 'blob-v4', versus: 'text-v4' } as const

/** Nibbles of the hexadecimal digits, by character code. */
const nibbles = Uint8Array.from({ length: 103 }, (_, code) =>
  Math.max(0, '0123456789abcdef'.indexOf(String.fromCharCode(code))),
)
const digitPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A UUID's 36 characters as its 16 bytes. */
function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(16)
  let at = 0
  for (let index = 0; index < 16; index += 1) {
    // Hyphens follow bytes 4, 6, 8 and 10.
    if (index === 4 || index === 6 || index === 8 || index === 10) at += 1
    bytes[index] = ((nibbles[text.charCodeAt(at)] ?? 0) << 4) | (nibbles[text.charCodeAt(at + 1)] ?? 0)
    at += 2
  }
  return bytes
}

/** 16 bytes as the 36 characters of a UUID. */
function decode(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-'
    text += digitPairs[bytes[index] ?? 0]
  }
  return text
}

export default defineScenario({
  title: 'UUIDs as 16 bytes instead of 36 characters',
  why: 'The review (§4.2) wants ids stored as 16 bytes, for less storage, smaller indexes and less memory. Every id stands in its row, in the index of the primary key, and in each index on a column that refers to it; but text, JSON and outputs fill most of a row. What the database saves, the application pays by converting every id. UUID version 7, which grows with time, is measured beside it: where a new id lands in the index may matter more than how long it is.',
  claims: [
    {
      claim: 'C11',
      parts: [
        { ...binary, measure: 'bytes', of: 'file', claimed: { from: -0.55, to: -0.55 } },
        { ...binary, measure: 'bytes', of: 'indexes', claimed: { from: -0.4, to: -0.4 } },
        { ...binary, measure: 'cache-memory', claimed: { from: -0.3, to: -0.3 } },
      ],
      note: 'Storage is the whole file, index size is all indexes with those of primary keys, memory is what the page cache takes after the reads; the same rows with version 4 ids. -55 % is what 16 bytes are to 36, which holds for one id and not for a row. The review expects it to be worth while from a million rows: raise --scale to see.',
    },
  ],
  variants: [
    { id: 'text-v4', title: '36 characters, version 4: as it is', role: 'baseline', migrations: [] },
    { id: 'blob-v4', title: '16 bytes, version 4', role: 'candidate', migrations: ['binary-uuids'] },
    { id: 'text-v7', title: '36 characters, version 7', role: 'alternative', migrations: [], ids: 'v7' },
    {
      id: 'blob-v7',
      title: '16 bytes, version 7',
      role: 'alternative',
      migrations: ['binary-uuids'],
      ids: 'v7',
    },
    {
      id: 'blob-v4-client',
      title: '16 bytes, version 4, through @libsql/client',
      role: 'driver',
      migrations: ['binary-uuids'],
      driver: '@libsql/client',
      versus: 'blob-v4',
    },
  ],
  statistics: ['analyzed'],
  operations: [
    activePromptsOfUser,
    latestEvaluations,
    meanScoreOfPassed,
    promptById,
    evaluationById,
    resultById,
    promptWithEvaluations,
    resultsOfPrompt,
    laterVersions,
    insertTestResults,
    insertEvaluations,
    deleteTestResults,
  ],
  cacheMemory: true,
  clientWork: [
    { id: 'encode', title: 'an id of 36 characters to 16 bytes', run: ({ text }) => encode(text) },
    { id: 'decode', title: '16 bytes to an id of 36 characters', run: ({ bytes }) => decode(bytes) },
  ],
})
