/**
 * What the engine's timing loop costs: operations per second of a prepared point select timed by `timeSlice` through
 * `prepareTimed`, against the bare driver in a hand-written loop that reads the clock twice in all. The two take turns
 * every slice; the ratio is taken pair by pair.
 */
import Database from 'libsql'
import { monotonicClock } from '../../src/measure/clock.ts'
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.ts'
import { quantile, sortNumbers } from '../../src/stats/quantile.ts'
import { timeSlice } from '../../src/measure/slice.ts'
import { referenceDataset } from '../../src/reference/dataset.ts'
import { filledDatabase } from '../../src/stage/filled-database.ts'
import type { Row } from '../../src/target/connection.ts'
import { NativeConnection } from '../../src/target/native.ts'

const pairs = 101
const samples = 2000
const sql = 'SELECT * FROM prompts WHERE id = ?'

const { path } = await filledDatabase(referenceDataset, { scale: 0.1, seed: 1, ids: 'v4' })
const connection = new NativeConnection(path, { readOnly: true })
const ids = connection.querySync('SELECT id FROM prompts ORDER BY id LIMIT 500').rows
const args: readonly Row[] = Array.from({ length: samples }, (_, i) => ids[i % ids.length] ?? [])
const timed = connection.prepareTimed(sql)
const bare = new Database(path).prepare(sql).raw(true)

const byEngine = async (): Promise<number> => {
  const { durationsNs } = await timeSlice(timed, args, monotonicClock)
  return samples / (durationsNs.reduce((sum, ns) => sum + ns, 0) / 1e9)
}

const byHand = (): number => {
  const startNs = process.hrtime.bigint()
  let rows = 0
  for (const tuple of args) rows += bare.all(tuple as unknown[]).length
  const seconds = Number(process.hrtime.bigint() - startNs) / 1e9
  if (rows !== samples) throw new Error(`${rows} rows of ${samples}`)
  return samples / seconds
}

const engineOps: number[] = []
const handOps: number[] = []
for (let pair = -5; pair < pairs; pair++) {
  const engineFirst = pair % 2 === 0
  const first = engineFirst ? await byEngine() : byHand()
  const second = engineFirst ? byHand() : await byEngine()
  if (pair < 0) continue
  engineOps.push(engineFirst ? first : second)
  handOps.push(engineFirst ? second : first)
}
const ratio = Math.exp(hodgesLehmann(engineOps.map((ops, i) => Math.log(ops / (handOps[i] ?? 1)))))
const median = (values: readonly number[]): string =>
  Math.round(quantile(sortNumbers(values), 0.5)).toLocaleString('en')
process.stdout.write(
  `overhead: prepared point select, ${pairs} pairs of ${samples} calls in turns\n` +
    `  timed by the engine   ${median(engineOps)} ops/s (median)\n` +
    `  bare loop by hand     ${median(handOps)} ops/s (median)\n` +
    `  ratio                 ${ratio.toFixed(3)} (required: at least 0.9)\n`,
)
connection.close()
