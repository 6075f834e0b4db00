import type { Server, Socket } from 'node:net'

/**
 * Follows the connections of a server that have sent nothing yet, such as those that browsers and clients open ahead or
 * gave up; Node's `closeIdleConnections` passes them over. Returns what ends them.
 */
export function silentConnections(server: Server): () => void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}
