import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { Command } from 'commander'
import { startApi } from '../api/start-api.ts'
import { seededDatabase } from '../seed/cache.ts'
import { parseLocation } from '../target/location.ts'
import {
  dataOptions,
  interruptSignal,
  print,
  wholeNumber,
  type DataOptions,
  type JsonOption,
} from './console.ts'

interface ServeOptions extends DataOptions {
  readonly db?: string
  readonly port: number
  readonly host: string
  readonly json?: JsonOption
}

export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('the reference API, to practise load on')
    .description(
      'Serves the reference HTTP API on a database; without --db on a copy of seeded data that is thrown away at the end.',
    )
    .option('--db <location>', 'the database, such as file:bench.db')
    .option('--port <n>', 'where to listen, 0 for a free one', wholeNumber(0, 65_535), 8787)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
  return dataOptions(command)
    .option('--json [file]', 'where it listens and what it serves as JSON')
    .addHelpText('after', '\nExample:\n  forgebench serve --port 8787 --scale 1')
    .action(serve)
}

async function serve(options: ServeOptions): Promise<void> {
  const signal = interruptSignal()
  const folder = options.db === undefined ? await mkdtemp(join(tmpdir(), 'forgebench-serve-')) : undefined
  try {
    const path =
      folder === undefined ? parseLocation(options.db ?? '').path : await workingCopy(options, folder, signal)
    const api = await startApi({ location: { kind: 'file', path }, port: options.port, host: options.host })
    print(`listening on ${api.url}, serving ${path}`)
    if (!signal.aborted) await once(signal, 'abort')
    await api.close()
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function workingCopy(
  { scale, seed }: DataOptions,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const seeded = await seededDatabase({ scale, seed, ids: 'v4' }, { signal })
  const path = join(folder, 'database.db')
  await copyFile(seeded, path, constants.COPYFILE_FICLONE)
  return path
}
