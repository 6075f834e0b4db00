import type { AddressInfo } from 'node:net'
import { nullServer } from './null-server.ts'

const server = nullServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
