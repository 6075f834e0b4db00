import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

let made = 0

/** The name under which a database is built beside its final place: `<name>.seeding-<pid>-<number>`. */
export function seedingPath(path: string): string {
  made += 1
  return `${path}.seeding-${process.pid}-${made}`
}

/** Removes a database file and what the engine may have left beside it. */
export async function removeDatabase(path: string): Promise<void> {
  for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: the process exists and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Removes what seeds of the same file left behind when they were killed. Living seeds are left alone. */
export async function removeAbandoned(path: string): Promise<void> {
  const prefix = `${basename(path)}.seeding-`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue
    const pid = Number(/^(\d+)-\d+(-journal|-wal|-shm)?$/.exec(name.slice(prefix.length))?.[1])
    if (Number.isInteger(pid) && !isAlive(pid)) await rm(join(dirname(path), name), { force: true })
  }
}
