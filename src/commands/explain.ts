import { Command } from 'commander'
import pc from 'picocolors'
import { outside } from '../core/outside-text.ts'
import { withDriver } from '../scenario/with-driver.ts'
import { explainScenario, type ExplainedOperation } from '../engine/run/explain-scenario.ts'
import { dataOptions, print, wantsColor, writeJson, type DataOptions, type JsonOption } from './console.ts'
import { driverOption, type DriverFlag } from './driver-option.ts'
import { interruptSignal } from './interruption.ts'
import { loadScenario } from './project.ts'
import { runProgress } from './run-progress.ts'

export function explainCommand(): Command {
  const command = new Command('explain')
    .summary('query plans of all variants, no timing')
    .description('Shows how the engine would run every operation of a scenario on each of its variants.')
    .argument('<scenario>', 'an id as in «forgebench list», or the path of your own file')
  return driverOption(dataOptions(command))
    .option('--json [file]', 'the plans as JSON, to a file or to stdout')
    .addHelpText('after', '\nExample:\n  forgebench explain indexes/composite --scale 0.1')
    .action(explain)
}

async function explain(
  id: string,
  options: DataOptions & DriverFlag & { readonly json?: JsonOption },
): Promise<void> {
  const loaded = withDriver(await loadScenario(id), options.db)
  const progress = runProgress(process.stderr, () => performance.now())
  const operations = await explainScenario(loaded, {
    ...options,
    emit: progress.listen,
    signal: interruptSignal(),
  })
  progress.end()
  await writeJson(options.json, JSON.stringify({ scenario: loaded.id, operations }, null, 2))
  if (options.json !== true)
    print(
      outside(operations)
        .map((each) => render(each, wantsColor(process.stdout)))
        .join('\n'),
    )
}

/** An operation as a heading with its SQL, then a line a variant; equal plans are named once. */
function render({ operation, title, sql, variants }: ExplainedOperation, color: boolean): string {
  const { bold, dim, cyan } = pc.createColors(color)
  const width = Math.max(...variants.map(({ variant }) => variant.length))
  const lines = variants.map(({ variant, lines, change }) => {
    const indent = ' '.repeat(width + 4)
    const note = change === '' ? '' : cyan(`\n${indent}→ ${change}`)
    return `  ${variant.padEnd(width)}  ${lines.join(`\n${indent}`)}${note}`
  })
  return [bold(`${operation}  ${title}`), dim(`  ${sql.trim().replaceAll(/\s+/g, ' ')}`), ...lines, ''].join(
    '\n',
  )
}
