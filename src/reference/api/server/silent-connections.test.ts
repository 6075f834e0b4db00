import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { silentConnections } from './silent-connections.ts'

let server: Server
afterEach(() => server.closeAllConnections())

const connected = async (): Promise<Socket> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await Promise.all([once(socket, 'connect'), once(server, 'connection')])
  return socket
}

test('ends connections that never sent anything, and none that brings a request', async () => {
  server = createServer((_request, response) => void response.end('answered')).listen(0, '127.0.0.1')
  const endSilent = silentConnections(server)
  await once(server, 'listening')
  const silent = await connected()
  const asking = await connected()
  asking.write('GET / HTTP/1.1\r\nhost: here\r\n')
  const arrived = once(server, 'request')
  asking.write('\r\n')
  await arrived
  const closed = once(silent.resume(), 'close')
  endSilent()
  await closed
  const [answer] = (await once(asking, 'data')) as [Buffer]
  expect(answer.toString()).toContain('answered')
  asking.destroy()
})
