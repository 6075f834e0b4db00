import { Command } from 'commander'
import pc from 'picocolors'
import { outside, outsideLine } from '../core/outside-text.ts'
import { listLoadProfiles, listScenarios, listSweeps } from '../scenario/built-in.ts'
import { loadProfile, namesProfile, type LoadedProfile } from '../scenario/load-profile/load-profile-file.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { namesSweep, type LoadedSweep } from '../scenario/sweep/load-sweep.ts'
import type { Migration } from '../schema/migration.ts'
import { print, wantsColor, writeJson, type JsonOption } from './console.ts'
import { loadScenario, loadSweeps, projectMigrations } from './project.ts'

export function listCommand(): Command {
  return new Command('list')
    .summary('scenarios, sweeps, load profiles, claims and migrations')
    .description(
      'Lists the scenarios and sweeps, the claims that each checks, the migrations they compare, and the load profiles.',
    )
    .argument(
      '[scenario...]',
      'ids, or paths of your own files, which are checked, sweeps and load profiles too; default: all of ours',
    )
    .option('--json [file]', 'the list as JSON, to a file or to stdout')
    .addHelpText('after', '\nExamples:\n  forgebench list\n  forgebench list ./my-scenario.ts')
    .action(list)
}

interface Listed {
  readonly scenarios: readonly ReturnType<typeof summary>[]
  readonly sweeps: readonly ReturnType<typeof sweepSummary>[]
  readonly profiles: readonly ReturnType<typeof profileSummary>[]
  readonly claims: readonly { readonly claim: string; readonly scenarios: readonly string[] }[]
  readonly migrations: readonly ReturnType<typeof migrationSummary>[]
}

async function list(names: readonly string[], options: { readonly json?: JsonOption }): Promise<void> {
  const ours = async () =>
    [...(await listScenarios()), ...(await listSweeps()), ...(await listLoadProfiles())].map(({ id }) => id)
  const loaded: LoadedScenario[] = []
  const sweeps: LoadedSweep[] = []
  const profiles: LoadedProfile[] = []
  for (const name of names.length > 0 ? names : await ours()) {
    if (await namesProfile(name)) profiles.push(await loadProfile(name))
    else if (await namesSweep(name)) sweeps.push(...(await loadSweeps([name])))
    else loaded.push(await loadScenario(name))
  }
  const listed: Listed = {
    scenarios: loaded.map(summary),
    sweeps: sweeps.map(sweepSummary),
    profiles: profiles.map(profileSummary),
    claims: claimsOf([
      ...loaded.map(({ id, scenario }) => ({ id, claims: scenario.claims })),
      ...sweeps.map(({ id, sweep }) => ({ id, claims: sweep.claims })),
    ]),
    migrations: names.length > 0 ? [] : (await projectMigrations()).map(migrationSummary),
  }
  await writeJson(options.json, JSON.stringify(listed, null, 2))
  if (options.json !== true) print(render(outside(listed, outsideLine), wantsColor(process.stdout)))
}

const summary = ({ id, path, scenario }: LoadedScenario) => ({
  id,
  path,
  title: scenario.title,
  claims: scenario.claims.map(({ claim }) => claim),
  variants: scenario.variants.map(({ id, title, role }) => ({ id, title, role })),
  reads: scenario.operations.filter(({ kind }) => kind === 'read').length,
  writes: scenario.operations.filter(({ kind }) => kind === 'write').length,
})

const sweepSummary = ({ id, path, sweep }: LoadedSweep) => ({
  id,
  path,
  title: sweep.title,
  claims: sweep.claims.map(({ claim }) => claim),
  points: sweep.points.map(({ id, title }) => ({ id, title })),
  metrics: sweep.metrics.map(({ id, title, unit }) => ({ id, title, unit })),
})

const profileSummary = ({ id, path, profile }: LoadedProfile) => ({
  id,
  path,
  title: profile.title,
  mixes: Object.keys(profile.mixes),
  requests: profile.requests.map(({ id, title, method }) => ({ id, title, method })),
})

const migrationSummary = ({ id, claims, why }: Migration) => ({ id, claims, why })

function claimsOf(
  loaded: readonly { readonly id: string; readonly claims: readonly { readonly claim: string }[] }[],
): Listed['claims'] {
  const claims = loaded.flatMap((each) => each.claims.map(({ claim }) => claim))
  return [...new Set(claims)]
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((claim) => ({
      claim,
      scenarios: loaded.filter((each) => each.claims.some((one) => one.claim === claim)).map(({ id }) => id),
    }))
}

function render({ scenarios, sweeps, profiles, claims, migrations }: Listed, color: boolean): string {
  const { bold, dim } = pc.createColors(color)
  const width = Math.max(...[...scenarios, ...sweeps, ...profiles, ...migrations].map(({ id }) => id.length))
  const lines = scenarios.flatMap(({ id, title, claims, variants, reads, writes }) => [
    `  ${id.padEnd(width)}  ${title}`,
    dim(`  ${''.padEnd(width)}  ${variants.map((variant) => variant.id).join(', ')}`),
    dim(`  ${''.padEnd(width)}  ${reads} reads, ${writes} writes; claims: ${claims.join(', ') || 'none'}`),
  ])
  const sweepLines = sweeps.flatMap(({ id, title, claims, points, metrics }) => [
    `  ${id.padEnd(width)}  ${title}`,
    dim(`  ${''.padEnd(width)}  ${points.map((point) => point.id).join(', ')}`),
    dim(
      `  ${''.padEnd(width)}  ${metrics.map((metric) => metric.id).join(', ')}; claims: ${claims.join(', ') || 'none'}`,
    ),
  ])
  const profileLines = profiles.flatMap(({ id, title, mixes, requests }) => [
    `  ${id.padEnd(width)}  ${title}`,
    dim(`  ${''.padEnd(width)}  mixes: ${mixes.join(', ')}`),
    dim(`  ${''.padEnd(width)}  requests: ${requests.map((request) => request.id).join(', ')}`),
  ])
  const claimLines = claims.map(({ claim, scenarios }) => `  ${claim.padEnd(width)}  ${scenarios.join(', ')}`)
  const migrationLines = migrations.map(
    ({ id, claims }) =>
      `  ${id.padEnd(width)}  ${claims.join(', ') || dim(id === 'initial' ? 'the tables' : 'no claim')}`,
  )
  return [
    section(bold('Scenarios'), lines),
    section(bold('Sweeps'), sweepLines),
    section(bold('Claims, and the scenarios that check them'), claimLines),
    section(bold('Load profiles'), profileLines),
    section(bold('Migrations'), migrationLines),
  ]
    .flat()
    .join('\n')
}

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines, '']
