import { defineSweep, type SweepContext, type SweepTarget } from 'forgebench'
import { insertPrompt, newPrompt } from './shared/statements.ts'

const rows = 20
const tuples = (context: SweepContext) => Array.from({ length: rows }, () => newPrompt(context))

type Insert = (target: SweepTarget, context: SweepContext) => Promise<unknown>

const oneByOne: Insert = async (target, context) => {
  for (const args of tuples(context)) await target.execute(insertPrompt, args)
}

const atOnce: Insert = (target, context) =>
  Promise.all(tuples(context).map((args) => target.execute(insertPrompt, args)))

const batch: Insert = (target, context) =>
  target.batch(tuples(context).map((args) => ({ sql: insertPrompt, args })))

const multiRow: Insert = (target, context) => {
  const [head = '', values = ''] = insertPrompt.split(' VALUES ')
  return target.execute(
    `${head} VALUES ${Array.from({ length: rows }, () => values).join(', ')}`,
    tuples(context).flat(),
  )
}

const transaction: Insert = (target, context) =>
  target.transaction(async (inside) => {
    for (const args of tuples(context)) await inside.execute(insertPrompt, args)
  })

/** The median time of inserting all rows, in milliseconds, with that round trip. */
async function medianMs(insert: Insert, roundTripMs: number, context: SweepContext): Promise<number> {
  const target = await context.target({ kind: 'sqld', roundTripMs })
  await Promise.all(Array.from({ length: rows }, () => target.query('SELECT 1')))
  const tookMs: number[] = []
  const startMs = context.nowMs()
  while (tookMs.length < 3 || context.nowMs() - startMs < context.seconds * 1000) {
    const beganMs = context.nowMs()
    await insert(target, context)
    tookMs.push(context.nowMs() - beganMs)
  }
  return tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length / 2)] ?? 0
}

export default defineSweep<Insert>({
  title: `How should ${rows} rows be written to a server?`,
  why: 'On a server the time of a write is mostly round trips: those of the way there, times the number of requests that wait for each other. The same rows are written in five ways, each with three round trips; the slope between them is the number of round trips that a way really takes.',
  fresh: 'round',
  seconds: 0.2,
  claims: [],
  metrics: [
    { id: 'ms0', title: 'no round trip added', unit: 'ms', better: 'lower' },
    { id: 'ms10', title: '10 ms round trip', unit: 'ms', better: 'lower' },
    { id: 'ms40', title: '40 ms round trip', unit: 'ms', better: 'lower' },
    { id: 'roundTrips', title: 'slope', unit: 'round trips', better: 'neither' },
  ],
  points: [
    { id: 'one-by-one', title: 'one by one', setting: oneByOne },
    { id: 'transaction', title: 'interactive transaction', setting: transaction },
    { id: 'at-once', title: 'all at once, in requests of their own', setting: atOnce },
    { id: 'batch', title: 'one batch', setting: batch },
    { id: 'multi-row', title: 'one INSERT of many rows', setting: multiRow },
  ],
  measure: async ({ setting: insert }, context) => {
    const ms0 = await medianMs(insert, 0, context)
    const ms10 = await medianMs(insert, 10, context)
    const ms40 = await medianMs(insert, 40, context)
    return { ms0, ms10, ms40, roundTrips: (ms40 - ms0) / 40 }
  },
})
