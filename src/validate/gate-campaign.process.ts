import { parseArgs } from 'node:util'
import { UsageError } from '../core/errors.ts'
import { continueCampaign } from './campaign.ts'
import { conditions, type Condition } from './condition.ts'

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    shard: { type: 'string', default: '1/1' },
    gates: { type: 'string', default: '180' },
    minutes: { type: 'string', default: '60' },
    conditions: { type: 'string', default: conditions.join(',') },
  },
})

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort())

const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`)

try {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(values.shard) ?? []
  if (values.folder === undefined || number === undefined || of === undefined) {
    throw new UsageError('CAMPAIGN_ARGUMENTS', 'write --folder <where records go> and --shard <1/2>')
  }
  const end = await continueCampaign({
    folder: values.folder,
    shard: { number: Number(number), of: Number(of) },
    gates: Number(values.gates),
    minutes: Number(values.minutes),
    conditions: values.conditions.split(',') as Condition[],
    signal: interruption.signal,
    log: say,
  })
  say(end)
} catch (error) {
  if (interruption.signal.aborted) say('paused')
  else throw error
}
