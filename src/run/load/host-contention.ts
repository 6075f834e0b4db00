import type { LoadRun } from './load-run.ts'

export type HostSeen = NonNullable<LoadRun['host']>

/** Of the time in which threads of the senders ran or were ready to, the part that they waited; null where unknown. */
export function senderWaitShare({ senders }: HostSeen): number | null {
  if (senders === null || senders.ranNs + senders.waitedNs === 0) return null
  return senders.waitedNs / (senders.ranNs + senders.waitedNs)
}
