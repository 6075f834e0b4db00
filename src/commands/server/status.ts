import { Command } from 'commander'
import { TargetError } from '../../core/errors.ts'
import { knownServers } from '../../target/server/server-state.ts'
import { serverStatus, type ServerCondition, type ServerStatus } from '../../target/server/server-status.ts'
import { notRunning } from '../../target/server/stop-server.ts'
import { print, writeJson, type JsonOption } from '../console.ts'

const help = `
Exit codes: 0 all that were started answer, 5 one does not, or there is none of that name.

Example:
  $ forgebench server status --json`

export const statusCommand = (): Command =>
  new Command('status')
    .summary('which servers run, and where')
    .description('Says of a server, or of all, where it listens, what it is, and whether it answers.')
    .argument('[name]', 'which server; all when none is named')
    .option('--json [file]', 'the same as JSON, to a file or to stdout')
    .addHelpText('after', help)
    .action(status)

async function status(name: string | undefined, { json }: { readonly json?: JsonOption }): Promise<void> {
  const names = name === undefined ? await knownServers() : [name]
  const found = (await Promise.all(names.map(serverStatus))).filter((each) => each !== undefined)
  if (name !== undefined && found.length === 0) throw notRunning(name)
  await writeJson(json, JSON.stringify({ servers: found }, null, 2))
  if (json !== true) {
    print(
      found.length === 0
        ? 'no server runs; start one with: forgebench server start'
        : found.map(text).join('\n'),
    )
  }
  const lost = found.find(({ condition }) => condition !== 'running')
  if (lost !== undefined)
    throw new TargetError('SERVER_LOST', `${lost.name} ${conditions[lost.condition]} ${lost.name}`)
}

const conditions: Readonly<Record<ServerCondition, string>> = {
  running: 'answers',
  silent: 'has a process that does not answer; look into its log, then stop it with: forgebench server stop',
  gone: 'has ended without being stopped; start it again with: forgebench server start',
}

const text = ({
  name,
  condition,
  url,
  replica,
  adminUrl,
  pid,
  version,
  auth,
  folder,
}: ServerStatus): string =>
  [
    `${name}: ${condition}`,
    `  url      ${url}`,
    ...(replica === null ? [] : [`  replica  ${replica.url} (pid ${replica.pid})`]),
    `  admin    ${adminUrl}`,
    `  pid      ${pid}`,
    `  version  ${version ?? 'unknown'}`,
    `  auth     ${auth === 'jwt' ? 'token (JWT)' : 'none'}`,
    `  files    ${folder}`,
  ].join('\n')
