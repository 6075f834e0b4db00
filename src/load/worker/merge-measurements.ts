import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import { sumCounts } from '../../core/sum-counts.ts'
import type { LoadMeasurement, LoadSlice, RequestAccount } from '../../run/load/load-run.ts'

/** Adds up the request accounting of several senders, by kind of request. */
export function mergeAccounting(parts: readonly (readonly RequestAccount[])[]): readonly RequestAccount[] {
  const merged = new Map<string, RequestAccount>()
  for (const account of parts.flat()) {
    const other = merged.get(account.op)
    merged.set(account.op, other === undefined ? account : addAccounts(other, account))
  }
  return [...merged.values()]
}

function addAccounts(
  { op, answered, ...counts }: RequestAccount,
  { op: _same, answered: more, ...others }: RequestAccount,
): RequestAccount {
  return { op, ...sumCounts([counts, others]), answered: sumCounts([answered, more]) }
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

/** Rows that creations answered as expected must have added, by table. */
export const createdRows = (
  slices: readonly Pick<LoadSlice, 'op' | 'requests' | 'failed'>[],
  requests: readonly { readonly id: string; readonly creates?: string | null }[],
): LoadMeasurement['created'] =>
  sumCounts(
    requests.flatMap(({ id, creates }) => {
      const own = slices.filter(({ op }) => op === id)
      const rows = own.reduce((sum, { requests: all, failed }) => sum + all - failed, 0)
      return creates == null || rows === 0 ? [] : [{ [creates]: rows }]
    }),
  )
