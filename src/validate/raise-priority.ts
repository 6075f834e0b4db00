import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

const niceness = -15

/**
 * Puts this process before others where that is allowed (root on Linux), so that a campaign can share a machine with work
 * that is no part of its conditions; its own noise is put there as well. A gate of a user does no such thing.
 */
export function raisePriority(): void {
  for (const raise of [
    () => setPriority(niceness),
    // Linux weighs sessions first, and each measuring process is a session of its own.
    () => writeFileSync('/proc/self/autogroup', String(niceness)),
  ]) {
    try {
      raise()
    } catch {
      // Not allowed, or not Linux: the machine's strain is recorded with every round.
    }
  }
}
