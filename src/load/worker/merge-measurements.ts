import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { LedgerEntry, LoadMeasurement, LoadSlice } from '../../run/load-run.ts'

/** Adds up the ledgers of several senders, by kind of request. */
export function mergeLedgers(ledgers: readonly (readonly LedgerEntry[])[]): readonly LedgerEntry[] {
  const merged = new Map<string, LedgerEntry>()
  for (const entry of ledgers.flat()) {
    const other = merged.get(entry.op)
    merged.set(entry.op, other === undefined ? entry : addEntries(other, entry))
  }
  return [...merged.values()]
}

function addEntries(a: LedgerEntry, b: LedgerEntry): LedgerEntry {
  const answered = { ...a.answered }
  for (const [status, count] of Object.entries(b.answered)) answered[status] = (answered[status] ?? 0) + count
  return {
    op: a.op,
    planned: a.planned + b.planned,
    sent: a.sent + b.sent,
    neverSent: a.neverSent + b.neverSent,
    answered,
    refused: a.refused + b.refused,
    timedOut: a.timedOut + b.timedOut,
    closed: a.closed + b.closed,
    broken: a.broken + b.broken,
    abandoned: a.abandoned + b.abandoned,
  }
}

/** Adds up the slices of several senders, by second and kind; histograms of equal precision merge without loss. */
export function mergeSlices(parts: readonly (readonly LoadSlice[])[]): readonly LoadSlice[] {
  const groups = new Map<string, [LoadSlice, ...LoadSlice[]]>()
  for (const slice of parts.flat()) {
    const group = groups.get(`${slice.second} ${slice.op}`)
    if (group === undefined) groups.set(`${slice.second} ${slice.op}`, [slice])
    else group.push(slice)
  }
  return [...groups.values()]
    .map((group) => {
      const [first] = group
      if (group.length === 1) return first
      const failures = group.flatMap((slice) => slice.failures ?? [])
      return {
        ...first,
        requests: group.reduce((sum, { requests }) => sum + requests, 0),
        failed: group.reduce((sum, { failed }) => sum + failed, 0),
        ...mergeLatencies(group),
        ...(failures.length === 0 ? {} : { failures: mergeLatencies(failures) }),
      }
    })
    .toSorted((a, b) => a.second - b.second || (a.op < b.op ? -1 : 1))
}

type Latencies = Pick<LoadSlice, 'service' | 'response'>

function mergeLatencies(parts: readonly Latencies[]): Latencies {
  const responses = parts.flatMap(({ response }) => (response === null ? [] : [response]))
  return {
    service: mergeHistograms(parts.map(({ service }) => service)),
    response: responses.length === 0 ? null : mergeHistograms(responses),
  }
}

function mergeHistograms(encoded: readonly string[]): string {
  const [first, ...rest] = encoded.map((text) => decodeFromCompressedBase64(text))
  if (first === undefined) throw new RangeError('no histogram to merge')
  // Decoded ones are as large as their own values need, and refuse larger ones.
  first.autoResize = true
  for (const other of rest) first.add(other)
  return encodeIntoCompressedBase64(first)
}

/** Adds up rows created, by table. */
export function mergeCreated(parts: readonly LoadMeasurement['created'][]): LoadMeasurement['created'] {
  const created: Record<string, number> = {}
  for (const [table, count] of parts.flatMap((part) => Object.entries(part))) {
    created[table] = (created[table] ?? 0) + count
  }
  return created
}
