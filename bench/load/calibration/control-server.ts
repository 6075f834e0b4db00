import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { behaviourSchema } from './behaviour.ts'
import type { CalibrationServer } from './calibration-server.ts'

/**
 * The control port of a calibration server: `PUT /behaviour` with its JSON begins a new log, `GET /truth` returns what
 * has happened since (JSON), `GET /arrivals` the moments of arrival (float64, milliseconds of the monotonic clock).
 */
export async function startControlServer(calibration: CalibrationServer, port = 0): Promise<Server> {
  const server = createServer((request, response) => {
    answerControl(calibration, request, response).catch((error: unknown) => {
      response.writeHead(400).end(error instanceof Error ? error.message : String(error))
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function answerControl(
  calibration: CalibrationServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'PUT /behaviour':
      calibration.behave(behaviourSchema.parse(JSON.parse(await text(request))))
      response.writeHead(204).end()
      break
    case 'GET /truth':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(calibration.log.truth()))
      break
    case 'GET /arrivals':
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.end(new Uint8Array(calibration.log.arrivalsMs().buffer))
      break
    default:
      response.writeHead(404).end('PUT /behaviour, GET /truth or GET /arrivals')
  }
}
