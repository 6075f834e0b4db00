import { Command } from 'commander'
import pc from 'picocolors'
import { listScenarios } from '../scenario/built-in.ts'
import { loadScenario, type LoadedScenario } from '../scenario/load.ts'
import { readMigrations, type Migration } from '../schema/migration.ts'
import { print, wantsColor, writeJson, type JsonOption } from './console.ts'

export function listCommand(): Command {
  return new Command('list')
    .summary('scenarios, claims and migrations')
    .description(
      'Lists the scenarios, the claims that each puts to the test, and the migrations they compare.',
    )
    .argument('[scenario...]', 'ids, or paths of your own files, which are checked; default: all of ours')
    .option('--json [file]', 'the list as JSON, to a file or to stdout')
    .addHelpText('after', '\nExamples:\n  forgebench list\n  forgebench list ./my-scenario.ts')
    .action(list)
}

interface Listed {
  readonly scenarios: readonly ReturnType<typeof summary>[]
  readonly claims: readonly { readonly claim: string; readonly scenarios: readonly string[] }[]
  readonly migrations: readonly ReturnType<typeof migrationSummary>[]
}

async function list(names: readonly string[], options: { readonly json?: JsonOption }): Promise<void> {
  const wanted = names.length > 0 ? names : (await listScenarios()).map(({ id }) => id)
  const loaded: LoadedScenario[] = []
  for (const name of wanted) loaded.push(await loadScenario(name))
  const listed: Listed = {
    scenarios: loaded.map(summary),
    claims: claimsOf(loaded),
    migrations: names.length > 0 ? [] : (await readMigrations()).map(migrationSummary),
  }
  await writeJson(options.json, JSON.stringify(listed, null, 2))
  if (options.json !== true) print(render(listed, wantsColor(process.stdout)))
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

const migrationSummary = ({ id, claims, why }: Migration) => ({ id, claims, why })

function claimsOf(loaded: readonly LoadedScenario[]): Listed['claims'] {
  const claims = loaded.flatMap(({ scenario }) => scenario.claims.map(({ claim }) => claim))
  return [...new Set(claims)]
    .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))
    .map((claim) => ({
      claim,
      scenarios: loaded
        .filter(({ scenario }) => scenario.claims.some((each) => each.claim === claim))
        .map(({ id }) => id),
    }))
}

function render({ scenarios, claims, migrations }: Listed, color: boolean): string {
  const { bold, dim } = pc.createColors(color)
  const width = Math.max(...[...scenarios, ...migrations].map(({ id }) => id.length))
  const lines = scenarios.flatMap(({ id, title, claims, variants, reads, writes }) => [
    `  ${id.padEnd(width)}  ${title}`,
    dim(`  ${''.padEnd(width)}  ${variants.map((variant) => variant.id).join(', ')}`),
    dim(`  ${''.padEnd(width)}  ${reads} reads, ${writes} writes; claims: ${claims.join(', ') || 'none'}`),
  ])
  const claimLines = claims.map(({ claim, scenarios }) => `  ${claim.padEnd(width)}  ${scenarios.join(', ')}`)
  const migrationLines = migrations.map(
    ({ id, claims }) => `  ${id.padEnd(width)}  ${claims.join(', ') || dim('the schema as it is')}`,
  )
  return [
    section(bold('Scenarios'), lines),
    section(bold('Claims of the review, and where they are put to the test'), claimLines),
    section(bold('Migrations'), migrationLines),
  ]
    .flat()
    .join('\n')
}

const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [heading, ...lines, '']
