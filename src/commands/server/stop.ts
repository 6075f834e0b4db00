import { Command } from 'commander'
import { stopServer, type ServerEnd } from '../../target/server/stop-server.ts'
import { print, writeJson, type JsonOption } from '../console.ts'
import { defaultServer } from './default-server.ts'

const help = `
Example:
  $ forgebench server stop staging --remove`

export const stopCommand = (): Command =>
  new Command('stop')
    .summary('stop a server')
    .description(
      'Ends a server and its replica: it is asked to, and killed when it has not ended after 10 s.',
    )
    .argument('[name]', 'which server', defaultServer)
    .option('--remove', 'remove its databases, logs and keys too')
    .option('--json [file]', 'how it ended, to a file or to stdout')
    .addHelpText('after', help)
    .action(stop)

const texts: Readonly<Record<ServerEnd, string>> = {
  stopped: 'stopped',
  killed: 'killed, for it did not end within 10 s',
  'gone before': 'had ended before, by itself or killed',
}

async function stop(
  name: string,
  { remove, json }: { readonly remove?: true; readonly json?: JsonOption },
): Promise<void> {
  const { state, end } = await stopServer(name, remove === true)
  await writeJson(
    json,
    JSON.stringify({ name, end, removed: remove === true, folder: state?.folder ?? null }),
  )
  if (json === true) return
  const files = remove === true ? 'its files are removed' : `its files stay in ${state?.folder}`
  print(`${name}: ${texts[end]}; ${files}`)
}
