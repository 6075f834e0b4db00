import type { Socket } from 'node:net'
import type { OpenSocket } from './wire.ts'

/** Calls back once: when a socket is open, or has failed, or is not open after `timeoutMs`. */
export function whenOpen(
  socket: Socket,
  opened: 'connect' | 'secureConnect',
  timeoutMs: number,
  callback: Parameters<OpenSocket>[0],
): void {
  const failed = (error: Error): void => {
    socket.removeListener(opened, succeeded)
    socket.on('error', () => undefined)
    socket.destroy()
    callback(error, null)
  }
  const succeeded = (): void => {
    socket.removeListener('error', failed)
    socket.setTimeout(0)
    socket.removeAllListeners('timeout')
    callback(null, socket)
  }
  socket.once('error', failed)
  socket.once(opened, succeeded)
  socket.setTimeout(timeoutMs, () => {
    socket.removeListener('error', failed)
    failed(Object.assign(new Error('connection timed out'), { code: 'ETIMEDOUT' }))
  })
}
