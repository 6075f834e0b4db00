import { createServer } from 'node:net'
import { RequestEnds } from './request-ends.ts'

/** Answers every request with the smallest valid answer, so that what is measured is the sender. */
const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}')

const server = createServer({ noDelay: true }, (socket) => {
  const requests = new RequestEnds()
  socket.on('data', (chunk) => {
    for (let left = requests.push(chunk); left > 0; left -= 1) socket.write(answer)
  })
  socket.on('error', () => undefined)
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : null)
})
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
