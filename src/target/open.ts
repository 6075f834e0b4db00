import type { Connection, DriverName } from './connection.ts'
import type { OpenOptions } from './embedded-database.ts'
import { NativeConnection } from './native.ts'

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
    case '@libsql/client': {
      // Loaded when it is asked for: it brings a network stack that most measuring processes never use.
      const { ClientConnection } = await import('./client.ts')
      return ClientConnection.open(path, options)
    }
  }
}
