import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { printedHere } from '../../fixtures/cli/printed-here.ts'
import { UsageError } from '../core/errors.ts'
import { failureLine } from './failure.ts'

const token = 'sesame-0816-9f3c'
const profile = `export default {
  title: 'One GET', why: 'A test.',
  requests: [{ id: 'root', title: 'the root', method: 'GET', path: () => '/', status: 200 }],
  mixes: { all: { root: 1 } },
  thresholds: {},
}
`
const printed = printedHere()

beforeEach(() => {
  writeFileSync('p.ts', profile)
  vi.stubEnv('API_TOKEN', token)
})

/** What a load of a second prints, how it fails, and what it writes. */
async function loaded(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const target = ['--url', `http://127.0.0.1:${port}`, '--auth-token-env', 'API_TOKEN']
  const how = ['--profile', './p.ts', '--rate', '10', '--duration', '1', '--no-floor', '--out', 'out']
  const said = await printed(['load', ...target, ...how])
  server.closeAllConnections()
  server.close()
  return [said, ...filesBelow('out')].join('\n')
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), 'utf8')] : [],
    )
  } catch {
    return []
  }
}

test.each<readonly [string, RequestListener]>([
  [
    'the body of an error',
    ({ headers }, answer) => void answer.writeHead(500).end(`no: ${headers.authorization}`),
  ],
  [
    'a redirect',
    ({ headers }, answer) =>
      void answer.writeHead(302, { location: `/login?t=${headers.authorization?.slice(7)}` }).end(),
  ],
  [
    'what it says of itself',
    ({ headers }, answer) =>
      void answer
        .setHeader('server', `echo/1 ${headers.authorization}`)
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ status: headers.authorization })),
  ],
])('a token that the target repeats in %s is neither printed nor written', async (_, listener) => {
  const all = await loaded(listener)
  expect(all).toContain('***')
  expect(all).not.toContain(token)
})

test('a line break within a name stays on the line, and only an indented line of its own is another mistake', () => {
  const two = 'x.ts: 2 mistakes\n  x.ts: title: empty\n  x.ts: id: empty'
  expect(failureLine(new UsageError('X', 'no scenario a\nforgebench: all is well')).line).toBe(
    'forgebench: no scenario a\\nforgebench: all is well\n',
  )
  expect(failureLine(new UsageError('X', two)).line).toBe(`forgebench: ${two}\n`)
})

test.each(['ENOSPC', 'EDQUOT'])(
  '%s of any file is exit code 5 and one line, and no fault of ours',
  (code) => {
    const error = Object.assign(new Error(`${code}: no space left on device, write`), { code })
    expect(failureLine(error)).toEqual({
      exit: 5,
      line: `forgebench: the disk is full (${code}: no space left on device, write); free room and run again\n`,
    })
  },
)
