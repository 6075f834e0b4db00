import { Command } from 'commander'
import { signToken } from '../../target/server/server-keys.ts'
import { serverFolder } from '../../target/server/server-state.ts'
import { print, wholeNumber } from '../console.ts'
import { defaultServer } from './default-server.ts'

const help = `
It is printed and kept nowhere: put it into an environment variable, which --auth-token-env names.

Example:
  $ forgebench server token --read-only`

export const tokenCommand = (): Command =>
  new Command('token')
    .summary('sign a token for a server with --auth')
    .description('Prints a token that a server takes which was started with --auth.')
    .argument('[name]', 'which server', defaultServer)
    .option('--read-only', 'one that may not write')
    .option('--minutes <n>', 'how long it is good for', wholeNumber(1, 525_600), 24 * 60)
    .addHelpText('after', help)
    .action(token)

async function token(
  name: string,
  { readOnly, minutes }: { readonly readOnly?: true; readonly minutes: number },
): Promise<void> {
  const expiresAtS = Math.floor(Date.now() / 1000) + minutes * 60
  print(
    await signToken(name, serverFolder(name), { access: readOnly === true ? 'read' : 'write', expiresAtS }),
  )
}
