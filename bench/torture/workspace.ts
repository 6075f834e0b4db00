import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** Folders that one trial has to itself. */
export interface Workspace {
  readonly root: string
  /** Current folder of the commands under trial: what stands there is theirs, and so is every process in it. */
  readonly work: string
  /** Current folder of the servers they talk to. */
  readonly servers: string
  readonly tmp: string
  readonly cache: string
  readonly home: string
}

export function makeWorkspace(): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'torture-'))
  const [work, servers, tmp, cache, home] = ['work', 'servers', 'tmp', 'cache', 'home'].map((name) => {
    mkdirSync(join(root, name))
    return join(root, name)
  }) as [string, string, string, string, string]
  return { root, work, servers, tmp, cache, home }
}

export const removeWorkspace = ({ root }: Workspace): void => rmSync(root, { recursive: true, force: true })

/** A command that was started. */
export interface Command {
  readonly child: ChildProcess
  readonly pid: number
  /** What it has printed so far. */
  readonly output: { stdout: string; stderr: string }
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

interface Start {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the built command in a workspace, with nothing of our environment but the path. */
export function start(args: readonly string[], workspace: Workspace, { cwd, env }: Start = {}): Command {
  const { work, tmp, cache, home } = workspace
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: cwd ?? work,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: tmp,
      FORGEBENCH_CACHE: cache,
      // A loader keeps what it compiled in the temporary folder, where trials look for what is left.
      JITI_FS_CACHE: 'false',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output.stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    // Not `close`: a child that outlives its command holds the pipes.
    child.once('exit', (status, signal) => setImmediate(() => resolve({ status, signal, ...output })))
  })
  return { child, pid: child.pid ?? 0, output, ended }
}

/** Runs the built command to its end. */
export const run = (args: readonly string[], workspace: Workspace, how: Start = {}): Promise<Ended> =>
  start(args, workspace, how).ended
