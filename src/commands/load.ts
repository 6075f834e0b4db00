import { writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Command } from 'commander'
import { readConfig } from '../config/read.ts'
import { InterruptedError, UsageError } from '../core/errors.ts'
import { drawLoadData } from '../engine/draw-load-data.ts'
import { measureLoad } from '../engine/measure-load.ts'
import { prepareLoad } from '../engine/prepare-load.ts'
import { rowCounter } from '../engine/row-counter.ts'
import { judgeLoad, loadExitCode } from '../judge/load.ts'
import { plannedSeconds } from '../load/load-plan.ts'
import { refuseForeignHost } from '../load/target-url.ts'
import { readToken } from '../load/token.ts'
import { formats } from '../report/formats.ts'
import { forgebenchVersion } from '../run/forgebench-version.ts'
import type { JudgedRun } from '../run/judged-run.ts'
import type { LoadRun } from '../run/load-run.ts'
import { knowResponse, loadSamples } from '../run/load-samples.ts'
import { refuseClosedFolder } from '../run/out-folder.ts'
import { serializeRun, writeRun } from '../run/write.ts'
import { loadProfile } from '../scenario/load-profile-file.ts'
import { asFileError } from '../target/file-error.ts'
import { openReader } from '../target/open-reader.ts'
import { interruptSignal, outputWidth, print, wantsColor, writeJson } from './console.ts'
import {
  refuseToolArgs,
  sendingOptions,
  targetOptions,
  urlOf,
  wishesOf,
  type LoadFlags,
} from './load-options.ts'
import { loadProgress } from './load-progress.ts'
import { loadSummary } from './load-summary.ts'

const help = `
Only this machine is loaded unless a host is named with --allow-host or in forgebench.config.ts.

Examples:
  $ forgebench load --url http://127.0.0.1:8787 --rate 500 --duration 20
  $ forgebench load --url http://127.0.0.1:8787 --peak --engine autocannon
  $ forgebench load --draw-data --db file:bench.db --profile ./my-profile.ts`

/** `forgebench load`: puts load on a running API and says whether its thresholds hold. */
export function loadCommand(): Command {
  const command = new Command('load')
    .summary('put load on a running API')
    .description(
      'Sends a load profile to a running API, accounts for every request, and says whether the thresholds hold.',
    )
  return targetOptions(sendingOptions(command))
    .addHelpText('after', help)
    .argument('[tool-args...]', 'after --: arguments for k6')
    .action(load)
}

async function load(toolArgs: readonly string[], flags: LoadFlags): Promise<void> {
  if (flags.drawData === true) return drawData(flags)
  refuseToolArgs(toolArgs, flags)
  const url = urlOf(flags)
  const prepared = await prepareLoad(flags.profile, wishesOf(flags, url), flags.threshold)
  const { load: config } = await readConfig(process.cwd())
  await refuseForeignHost(url, [...flags.allowHost, ...(config?.allowHosts ?? [])])
  const dbToken = readToken(flags.dbAuthTokenEnv ?? null, process.env, '--db-auth-token-env')
  const rows = flags.db === undefined ? undefined : rowCounter(flags.db, dbToken)
  await refuseClosedFolder(flags.out ?? defaultOut)
  process.stderr.write(loadSummary(prepared, flags.engine))
  const progress = loadProgress(process.stderr, plannedSeconds(prepared.plan))
  const run = await measureLoad(
    prepared,
    { engine: flags.engine, rows, floor: flags.floor, version: forgebenchVersion() },
    { signal: interruptSignal(), emit: progress.listen, toolArgs },
  ).finally(progress.end)
  await show(run, flags)
}

const defaultOut = 'reports'

async function show(run: LoadRun, { out = defaultOut, json }: LoadFlags): Promise<void> {
  const verdict = judgeLoad(run)
  const judged: JudgedRun = { kind: 'load', run, verdict }
  const path = await writeRun(out, run)
  const beside = (name: string): string => join(dirname(path), name)
  const kind = knowResponse(loadSamples(run)) ? 'response' : 'service'
  const files = [
    [beside('report.md'), formats.markdown(judged)],
    [beside(`${kind}.hlog`), formats.hlog(judged)],
  ] as const
  for (const [file, text] of files) {
    await writeFile(file, text).catch((error: unknown) => {
      throw asFileError(error, file)
    })
  }
  if (json !== true) {
    print(formats.terminal(judged, { color: wantsColor(process.stdout), width: outputWidth() }))
  }
  process.stderr.write(`\nRun:    ${relative('.', path)}\n`)
  for (const [file] of files) process.stderr.write(`        ${relative('.', file)}\n`)
  // Last: where it cannot be written, the Run is saved and named all the same.
  await writeJson(json, serializeRun(run))
  process.exitCode = loadExitCode(verdict, run)
  if (run.status === 'partial') throw new InterruptedError()
}

async function drawData(flags: LoadFlags): Promise<void> {
  if (flags.db === undefined) {
    throw new UsageError('DB_MISSING', '--db is missing; name the database to draw from: --db file:bench.db')
  }
  const { profile } = await loadProfile(flags.profile)
  const dbToken = readToken(flags.dbAuthTokenEnv ?? null, process.env, '--db-auth-token-env')
  const reader = await openReader(flags.db, dbToken)
  try {
    const text = await drawLoadData(reader, profile, flags.seed)
    if (flags.out === undefined) return print(text)
    await writeFile(flags.out, text).catch((error: unknown) => {
      throw asFileError(error, flags.out ?? '')
    })
  } finally {
    reader.close()
  }
}
