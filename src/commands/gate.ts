import { randomInt } from 'node:crypto'
import { relative } from 'node:path'
import { Command } from 'commander'
import { exitCode, UsageError, type ExitCode } from '../core/errors.ts'
import { defaultGateSampling } from '../engine/gate-sampling.ts'
import { gateSettings } from '../engine/gate-settings.ts'
import { gateSide } from '../engine/gate-side.ts'
import { measureGate } from '../engine/measure-gate.ts'
import { judgeGate } from '../judge/gate.ts'
import type { DecisionWord } from '../measure/decide-gate.ts'
import { gateDocument } from '../report/gate-document.ts'
import { renderTerminal } from '../report/terminal.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import type { GateRun, GateSettings } from '../run/gate-run.ts'
import { refuseClosedFolder } from '../run/out-folder.ts'
import { readGateRun } from '../run/read.ts'
import { serializeRun, writeRun } from '../run/write.ts'
import { loadScenario } from '../scenario/load.ts'
import { withOperations } from '../scenario/with-operations.ts'
import {
  dataOptions,
  decimalNumber,
  interruptSignal,
  outputWidth,
  print,
  wantsColor,
  wholeNumber,
  writeJson,
  type DataOptions,
  type JsonOption,
} from './console.ts'
import { runProgress } from './run-progress.ts'

interface GateOptions extends DataOptions {
  readonly baseline?: string
  readonly candidate?: string
  readonly operations?: string
  readonly tolerance: number
  readonly smallestEffect: number
  readonly maxSeconds: number
  readonly operationMs: number
  readonly orderSeed?: number
  readonly from?: string
  readonly out: string
  readonly json?: JsonOption
}

const exitCodes: Readonly<Record<DecisionWord, ExitCode>> = {
  pass: exitCode.pass,
  improved: exitCode.pass,
  fail: exitCode.fail,
  inconclusive: exitCode.inconclusive,
  invalid: exitCode.invalid,
}

/** `forgebench gate`: measures a candidate beside a baseline until it can tell, and exits accordingly. */
export function gateCommand(): Command {
  const command = new Command('gate')
    .summary('is the candidate slower than the baseline? Exit 0, 1 or 3')
    .description(
      'Measures a candidate beside a baseline, in pairs of slices in fresh processes, until the 95th percentile of every operation is surely not slower (exit 0), one is surely slower (exit 1), or the rounds are used up (exit 3). At most 1 % of the gates on equal sides fail.',
    )
    .argument('[scenario]', 'an id as in «forgebench list», or the path of your own file')
    .option('--baseline <side>', 'what to compare with, such as variant:baseline')
    .option('--candidate <side>', 'what may be slower, such as variant:composite')
    .option('--operations <ids>', 'judge only these, separated by commas')
  return dataOptions(command)
    .option('--tolerance <percent>', 'slower by no more than this is no failure', decimalNumber(0, 50), 2)
    .option('--smallest-effect <percent>', 'slower by this matters', decimalNumber(1, 1000), 10)
    .option(
      '--operation-ms <ms>',
      'time of each operation in a round, both sides together',
      wholeNumber(1, 60_000),
      defaultGateSampling.operationMs,
    )
    .option('--max-seconds <n>', 'begin no round after this time', wholeNumber(1, 86_400), 600)
    .option('--order-seed <n>', 'repeat the roles and the order of another gate', wholeNumber(0, 2 ** 32 - 1))
    .option('--from <run.json>', 'judge a gate that was measured before, offline')
    .option('--out <folder>', 'where the Run goes', 'reports')
    .option('--json [file]', 'also write the Run to a file, or to stdout in place of the table')
    .addHelpText(
      'after',
      '\nExample:\n  forgebench gate indexes/composite --baseline variant:baseline --candidate variant:composite --operations Q1,Q2,Q3',
    )
    .action(gate)
}

async function gate(id: string | undefined, options: GateOptions): Promise<void> {
  if (options.from !== undefined) return show(await readGateRun(options.from), options)
  const { baseline, candidate } = options
  if (id === undefined || baseline === undefined || candidate === undefined) {
    throw new UsageError(
      'GATE_ARGUMENTS',
      'gate needs a scenario, --baseline and --candidate, or --from a run.json',
    )
  }
  const whole = await loadScenario(id)
  const loaded = withOperations(whole, options.operations?.split(','))
  const sides = {
    baseline: gateSide(loaded, '--baseline', baseline),
    candidate: gateSide(loaded, '--candidate', candidate),
  }
  await refuseClosedFolder(options.out)
  const progress = runProgress(process.stderr, () => performance.now())
  const { run, failure } = await measureGate(
    { loaded, ...sides, settings: settingsOf(options), emit: progress.listen, signal: interruptSignal() },
    forgebenchVersion(),
  )
  progress.end()
  const path = await writeRun(options.out, run)
  process.stderr.write(`Run: ${relative('.', path)}\n`)
  await show(run, options)
  if (failure !== undefined) throw failure
}

async function show(run: GateRun, options: GateOptions): Promise<void> {
  const verdict = judgeGate(run)
  if (options.json !== true) {
    print(
      renderTerminal(gateDocument(run, verdict), { color: wantsColor(process.stdout), width: outputWidth() }),
    )
  }
  await writeJson(options.json, serializeRun(run))
  process.exitCode = exitCodes[verdict.word]
}

function settingsOf({ tolerance, smallestEffect, orderSeed, ...options }: GateOptions): GateSettings {
  return gateSettings({
    ...options,
    // Any seed will do, but not the same for every gate; the Run says which it was.
    orderSeed: orderSeed ?? randomInt(2 ** 32),
    toleranceRatio: 1 + tolerance / 100,
    smallestEffectRatio: 1 + smallestEffect / 100,
  })
}
