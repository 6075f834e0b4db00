import type { GateRule } from '../../../src/stats/decide-gate.ts'
import { campaignSubject } from '../records/cells.ts'
import { controlsSection } from './controls-section.ts'
import { markdownTable } from '../../text/markdown-table.ts'
import { proof } from './proof.ts'
import { gatesOf } from '../records/real-gates.ts'
import { realGatesSection } from './real-gates-section.ts'
import { measuringRevision } from '../records/recorded-sampling.ts'
import type { CampaignRecord } from '../records/records.ts'
import type { ResampledGates } from '../resample/resampled-gates.ts'
import { resampledSection } from './resampled-section.ts'
import { rulesSection } from './rules-section.ts'

/** The tables of the validation, from records alone. */
export function gateTables(
  records: readonly CampaignRecord[],
  resampled: ResampledGates,
  rule: GateRule,
): string {
  return `${[
    '# Does the gate lie?\n',
    head(records),
    '## The figures asked for\n',
    markdownTable(
      ['figure', 'target', 'found', ''],
      proof(records, resampled).map(({ figure, target, found, met }) => [
        figure,
        target,
        found,
        met ? 'met' : '**not met**',
      ]),
    ),
    '\n![dose curve](gate-doses.svg)\n',
    realGatesSection(records),
    '',
    resampledSection(resampled),
    '',
    rulesSection(records, resampled),
    '',
    controlsSection(records, resampled.controls, rule),
  ].join('\n')}\n`
}

function head(records: readonly CampaignRecord[]): string {
  const gates = gatesOf(records)
  const started = records.map(({ startedAt }) => startedAt).toSorted()
  const distinct = (values: readonly (string | undefined)[]): string =>
    [...new Set(values.map((value) => value ?? 'unknown'))].join(', ')
  const { scenario, variant, operations, scale, seed } = campaignSubject
  const minute = (time: string | undefined): string => (time ?? '').slice(0, 16).replace('T', ' ')
  return [
    `Made by \`npm run validate:gate\` from the records in \`gate/\`, which \`npm run validate:gate\` of revision ${measuringRevision} and before measured.\n`,
    '```text',
    `measured   ${gates.length} gates and ${records.length - gates.length} calibrations of ${scenario}: ${operations.join(', ')} of variant ${variant} against itself, scale ${scale}, seed ${seed}`,
    `machine    ${distinct(gates.map(({ machine }) => machine))}`,
    `time       ${minute(started[0])} to ${minute(started.at(-1))} UTC`,
    `revision   ${distinct(records.map(({ commit }) => commit))}, settings ${distinct(records.map(({ settings }) => settings))}`,
    'conditions idle: nothing of ours beside the gate, begun when the machine had done next to nothing for 3 s',
    '           ordinary: a neighbour takes a third of one processor',
    '           stressed: three neighbours take turns with both processors, memory and the disk (fsync)',
    '           What others did on the machine came on top, in all conditions: see the CPU contention below.',
    '```\n',
    'Two processes of the campaign measured at once on two processors, while others built and tested beside them (load average 4 to 18):',
    'hardly a gate was begun on an idle machine, and somebody always waited for a processor.\n',
  ].join('\n')
}
