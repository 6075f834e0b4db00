import { randomInt } from 'node:crypto'
import { relative } from 'node:path'
import { withConfigBudgets } from '../config/scenario-budgets.ts'
import type { GateSide } from '../engine/gate/sides/gate-side.ts'
import { gateSettings } from '../engine/gate/gate-settings.ts'
import { measureGate } from '../engine/gate/measure-gate.ts'
import { withSides } from '../engine/gate/sides/with-sides.ts'
import { judgeGate } from '../judge/gate/gate.ts'
import { relativeHead } from '../report/gate/gate-document.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import type { GateSettings } from '../run/gate-run.ts'
import { refuseClosedFolder } from '../run/out-folder.ts'
import { placeOfScenario } from '../scenario/load.ts'
import { interruptSignal } from './interruption.ts'
import type { GateOptions } from './gate-options.ts'
import { showGate } from './gate-result.ts'
import { projectDatasets } from './project.ts'
import { saveRun } from './save-run.ts'
import { runProgress } from './run-progress.ts'

/**
 * The relative gate: measures a candidate beside a runnable baseline until it is decided.
 * @throws what cut the measurement short, when everything is saved and shown
 */
export async function gateSides(
  scenario: string,
  specs: { readonly baseline: string; readonly candidate: string | undefined },
  options: GateOptions,
): Promise<void> {
  // From now on: what a side needs of the disk is removed, too.
  const signal = interruptSignal()
  await refuseClosedFolder(options.out)
  const tokens = {
    baselineTokenEnv: options.baselineAuthTokenEnv ?? null,
    candidateTokenEnv: options.authTokenEnv ?? null,
  }
  const progress = runProgress(process.stderr, () => performance.now())
  const operations = options.operations?.split(',')
  const { run, failure } = await withSides(
    scenario,
    { ...specs, ...tokens },
    await projectDatasets(),
    async (sides) =>
      measureGate(
        {
          ...sides,
          candidate: await withItsBudgets(sides.candidate),
          ...(operations === undefined ? {} : { operations }),
          settings: settingsOf(options),
          emit: progress.listen,
          signal,
        },
        forgebenchVersion(),
      ),
  ).finally(() => progress.end())
  const path = await saveRun(options.out, run)
  process.stderr.write(`Run: ${relative('.', path)}\n`)
  const files = { [run.scenario.id]: (await placeOfScenario(scenario)).path }
  await showGate({ head: relativeHead(run), verdict: judgeGate(run), run, files }, options)
  if (failure !== undefined) throw failure
}

/** The budgets of the configuration belong to variants of this working tree. */
const withItsBudgets = async (side: GateSide): Promise<GateSide> =>
  side.place.kind === 'variant' && side.commit === null
    ? { ...side, loaded: await withConfigBudgets(side.loaded, process.cwd()) }
    : side

function settingsOf({ tolerance, smallestEffect, orderSeed, ...options }: GateOptions): GateSettings {
  return gateSettings({
    ...options,
    // Any seed will do, but not the same for every gate; the Run says which it was.
    orderSeed: orderSeed ?? randomInt(2 ** 32),
    toleranceRatio: 1 + tolerance / 100,
    smallestEffectRatio: 1 + smallestEffect / 100,
  })
}
