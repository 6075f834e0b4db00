/** Adds up counts by name; names that stand in one part alone keep their count. */
export function sumCounts<Counts extends Readonly<Record<string, number>>>(parts: readonly Counts[]): Counts {
  const sums: Record<string, number> = {}
  for (const [name, count] of parts.flatMap((part) => Object.entries(part))) {
    sums[name] = (sums[name] ?? 0) + count
  }
  return sums as Counts
}
