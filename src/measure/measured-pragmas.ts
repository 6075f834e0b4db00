/**
 * Pragmas of measured connections; everything else is the driver's default, as in an application that sets nothing.
 * Writes: WAL with synchronous=NORMAL is what a libSQL server runs with. Checkpoints wait for the start of the next
 * round, so that a slice never pays for the pages of another, and skip the disk, since the clone is thrown away.
 */
export const measuredPragmas = {
  read: ['PRAGMA synchronous = NORMAL'],
  write: ['PRAGMA synchronous = NORMAL', 'PRAGMA wal_autocheckpoint = 0', 'PRAGMA wal_checkpoint(TRUNCATE)'],
} as const
