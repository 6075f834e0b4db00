import { ClientConnection } from './client.ts'
import type { Connection, DriverName } from './connection.ts'
import { NativeConnection, type OpenOptions } from './native.ts'

/**
 * Opens one connection to a database file through the named driver.
 * @throws TargetError with a stable code
 */
export async function openFile(
  path: string,
  driver: DriverName,
  options: OpenOptions = {},
): Promise<Connection> {
  switch (driver) {
    case 'libsql':
      return new NativeConnection(path, options)
    case '@libsql/client':
      return ClientConnection.open(path, options)
  }
}
