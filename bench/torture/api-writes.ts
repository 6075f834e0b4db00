import { setTimeout as sleep } from 'node:timers/promises'
import { rowsOf } from './checks.ts'
import { promised } from './trial.ts'

/** Writes that a reference API acknowledged, by id. */
export interface Acknowledged {
  readonly prompts: string[]
  readonly evaluations: string[]
  /** Answers other than 201, which are no acknowledgement. */
  readonly refused: string[]
}

export const noWrites = (): Acknowledged => ({ prompts: [], evaluations: [], refused: [] })

export const countOf = ({ prompts, evaluations }: Acknowledged): number => prompts.length + evaluations.length

const lanes = 8

/**
 * Creates prompts, and evaluations with results, over several connections; notes what was acknowledged. A connection that
 * fails is opened again: the server may come back. Returns what stops it.
 */
export function startWriting(url: string, acknowledged: Acknowledged): () => Promise<void> {
  const stop = new AbortController()
  const lane = async (lane: number): Promise<void> => {
    for (let round = 0; !stop.signal.aborted; round++) {
      await writeOnce(url, acknowledged, lane + round * lanes, stop.signal).catch(() => sleep(20))
    }
  }
  const writing = Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)))
  return async () => {
    stop.abort()
    await writing
  }
}

/** One prompt or, on a prompt that was acknowledged before, one evaluation. */
async function writeOnce(
  url: string,
  acknowledged: Acknowledged,
  index: number,
  stop: AbortSignal,
): Promise<void> {
  const prompt = acknowledged.prompts[index % Math.max(1, acknowledged.prompts.length)]
  const isPrompt = prompt === undefined || index % 2 === 0
  const [path, body] = isPrompt
    ? ['/api/v1/prompts', newPrompt(index)]
    : [`/api/v1/prompts/${prompt}/evaluations`, newEvaluation(2 + (index % 7))]
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: stop,
  })
  const text = await answer.text()
  if (answer.status !== 201) {
    acknowledged.refused.push(`${answer.status} ${text.slice(0, 200)}`)
    await sleep(20)
    return
  }
  acknowledged[isPrompt ? 'prompts' : 'evaluations'].push((JSON.parse(text) as { readonly id: string }).id)
}

const newPrompt = (index: number): object => ({
  title: `torture ${index}`,
  content: 'x'.repeat(500),
  user_id: 'torture',
})

/** An evaluation that says in `model` how many results it was sent with. */
const newEvaluation = (results: number): object => ({
  status: 'completed',
  provider: 'torture',
  model: String(results),
  results: Array.from({ length: results }, (_, at) => ({
    test_case_name: `case ${at}`,
    input_data: { at },
    score: 0.5,
    passed: true,
    latency_ms: 1,
  })),
})

/** Waits until so many writes were acknowledged, but no longer than some seconds. */
export async function acknowledgedAtLeast(count: number, acknowledged: Acknowledged): Promise<boolean> {
  const deadlineMs = performance.now() + 15_000
  while (countOf(acknowledged) < count && performance.now() < deadlineMs) await sleep(5)
  return countOf(acknowledged) >= count
}

/**
 * What a database file holds of these writes.
 * @throws PromiseBroken when one that was acknowledged is missing, or an evaluation has other results than it was sent with
 */
export function writesAreStored(path: string, acknowledged: Acknowledged): void {
  for (const table of ['prompts', 'evaluations'] as const) {
    const stored = new Set(rowsOf(path, `SELECT id FROM ${table}`).map(([id]) => id))
    const lost = acknowledged[table].filter((id) => !stored.has(id))
    const evidence = `${lost.length} of ${acknowledged[table].length} ${table} are missing, such as ${lost[0]}`
    promised(lost.length === 0, 'what was acknowledged is stored', evidence)
  }
  const halves = rowsOf(
    path,
    `SELECT e.id, e.model, count(r.id) FROM evaluations e LEFT JOIN test_results r ON r.evaluation_id = e.id
WHERE e.provider = 'torture' GROUP BY e.id HAVING count(r.id) <> CAST(e.model AS INTEGER)`,
  )
  const evidence = `evaluation ${String(halves[0]?.[0])} has ${String(halves[0]?.[2])} of ${String(halves[0]?.[1])} results`
  promised(halves.length === 0, 'nothing is half accepted', evidence)
}
