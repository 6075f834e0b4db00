import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ForgebenchError, UsageError } from '../../../src/core/errors.ts'
import { gateSettings } from '../../../src/engine/gate/gate-settings.ts'
import { campaignArguments, type CampaignArguments } from './campaign-arguments.ts'
import { continueCampaign } from './campaign.ts'
import { doseCurve } from '../resample/dose-curve.ts'
import { gateTables } from '../tables/gate-tables.ts'
import { packRecords, readRecords } from '../records/record-files.ts'
import { resampledGates } from '../resample/resampled-gates.ts'
import { roundsFixture } from '../records/rounds-fixture.ts'

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

/** Measures what is left, or takes records from elsewhere; packs them; computes the tables. */
async function validate(given: CampaignArguments): Promise<void> {
  const { folder, tables, importFrom, fixture, simulated } = given
  if (fixture !== undefined) {
    await writeFile(fixture, roundsFixture(await someRecords(folder)))
    return say(`wrote ${fixture}`)
  }
  if (importFrom !== undefined) {
    const records = [...(await readRecords(folder)), ...(await someRecords(importFrom))]
    refuseMixture(records, folder)
    await pack(records, folder, given.commit)
  } else if (!tables) {
    const commit = given.commit ?? revision()
    say(await continueCampaign({ ...given, commit, signal: interruption.signal, log: say }))
    if (interruption.signal.aborted) return
    await pack(await readRecords(folder), folder, undefined)
  }
  await writeTables(folder, simulated)
}

async function pack(
  records: Awaited<ReturnType<typeof readRecords>>,
  folder: string,
  commit: string | undefined,
): Promise<void> {
  for (const path of await packRecords(records, folder, commit)) say(`packed ${path}`)
}

async function writeTables(folder: string, simulated: number): Promise<void> {
  const records = await someRecords(folder)
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

async function someRecords(folder: string): ReturnType<typeof readRecords> {
  const records = await readRecords(folder)
  refuseMixture(records, folder)
  if (records.length === 0)
    throw new UsageError('CAMPAIGN_EMPTY', `${folder}: holds no records; measure some first`)
  return records
}

/** Gates of other settings say nothing of these. */
function refuseMixture(records: Awaited<ReturnType<typeof readRecords>>, folder: string): void {
  const settings = [...new Set(records.map((record) => record.settings))]
  if (settings.length > 1) {
    throw new UsageError(
      'CAMPAIGN_SETTINGS',
      `${folder}: holds gates of different settings (${settings.join(', ')}); keep each in a folder of its own`,
    )
  }
}

/** The revision that is measured, with a mark when files differ from it. */
function revision(): string | undefined {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=7'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
