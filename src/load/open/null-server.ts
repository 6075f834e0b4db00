import { createServer, type Server } from 'node:net'
import { RequestEnds } from './request-ends.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}')

/** Answers every request with the smallest valid answer, so that what is measured is the sender. */
export const nullServer = (): Server =>
  createServer({ noDelay: true }, (socket) => {
    const requests = new RequestEnds()
    socket.on('data', (chunk) => {
      for (let left = requests.push(chunk); left > 0; left -= 1) socket.write(answer)
    })
    socket.on('error', () => undefined)
  })
