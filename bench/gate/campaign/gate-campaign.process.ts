import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ForgebenchError, UsageError } from '../../../src/core/errors.ts'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { packRecords, readRecords } from '../records/record-files.ts'
import { doseCurve } from '../resample/dose-curve.ts'
import { resampledGates } from '../resample/resampled-gates.ts'
import { gateTables } from '../tables/gate-tables.ts'
import { campaignArguments, type CampaignArguments } from './campaign-arguments.ts'
import { continueCampaign } from './campaign.ts'

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`)

try {
  await validate(campaignArguments(process.argv.slice(2)))
} catch (error) {
  if (interruption.signal.aborted) say('paused')
  else if (error instanceof ForgebenchError) {
    process.stderr.write(`${error.code}: ${error.message}\n`)
    process.exitCode = 2
  } else throw error
}

/** Measures what is left, packs the records, and computes the tables. */
async function validate({ tables, ...given }: CampaignArguments): Promise<void> {
  const { folder } = given
  if (!tables) {
    const { signal } = interruption
    say(await continueCampaign({ ...given, commit: revision(), signal, log: say }))
    if (signal.aborted) return
    say(`packed ${await packRecords(await readRecords(folder), folder)}`)
  }
  await writeTables(folder, given.simulated)
}

async function writeTables(folder: string, simulated: number): Promise<void> {
  const records = await readRecords(folder)
  if (records.length === 0)
    throw new UsageError('CAMPAIGN_EMPTY', `${folder}: holds no records; measure some first`)
  say(`${records.length} records; simulating ${simulated} gates a cell`)
  const { rule } = gateSettings({ seed: 0, orderSeed: 0, scale: 1, maxSeconds: 1 })
  const resampled = resampledGates(records, simulated, rule)
  const beside = dirname(folder)
  await writeFile(join(beside, 'gate.md'), gateTables(records, resampled, rule, await remarkOf(folder)))
  await writeFile(join(beside, 'gate-doses.svg'), doseCurve(resampled.fromAll))
  say(`wrote ${join(beside, 'gate.md')} and gate-doses.svg`)
}

/** What somebody wrote down beside the records; empty without. */
async function remarkOf(folder: string): Promise<string> {
  const path = join(folder, 'remark.md')
  return existsSync(path) ? (await readFile(path, 'utf8')).trim() : ''
}

/** The revision that is measured, with a mark when files differ from it. */
function revision(): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=7'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
