import { UsageError } from '../../../core/errors.ts'
import { inspectFile, parseLocation } from '../../../target/location.ts'
import type { SideKind } from './gate-side.ts'

/** `file:<path>`: a database that is there. It is copied, and never opened itself. */
export const fileKind: SideKind = {
  form: 'file:<path.db>',
  matches: (spec) => spec.startsWith('file:'),
  read: async ({ flag, spec, working }) => {
    const loaded = await working()
    const path = await databasePath(flag, spec)
    return { spec, loaded, commit: null, place: { kind: 'file', path } }
  },
}

async function databasePath(flag: string, spec: string): Promise<string> {
  try {
    const { path } = parseLocation(spec)
    const found = await inspectFile(path, 'read')
    if (found === 'database') return path
    throw new UsageError('TARGET_NOT_FOUND', found === 'empty' ? 'the file is empty' : 'no such file')
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError('GATE_SIDE', `${flag} ${spec}: ${error.message.replace(/^--db /, '')}`, {
      cause: error,
    })
  }
}
