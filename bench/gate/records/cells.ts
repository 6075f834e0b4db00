import { conditions, type Condition } from '../campaign/condition.ts'

export const slowdownKinds = ['none', 'delay', 'sql', 'delay-5', 'held-7', 'held-3', 'stall'] as const
export type SlowdownKind = (typeof slowdownKinds)[number]

/** What the tables call a slowdown. */
export const slowdownTitles: Readonly<Record<SlowdownKind, string>> = {
  none: 'equal sides',
  delay: '+10 % by delay',
  sql: '+10 % by more SQL work',
  'delay-5': '+5 % by delay',
  'held-7': 'slowest 7 %, by half of the median',
  'held-3': 'slowest 3 %, by half of the median',
  stall: 'stalls: 8 % of slices three times as slow',
}

/** True for a slowdown in the slowest samples alone. */
export const isInTail = (slowdown: SlowdownKind): boolean => slowdown.startsWith('held')

/** What the campaign's gates are measured on: libSQL work of three operations, one schema against itself. */
export const campaignSubject = {
  scenario: 'indexes/composite',
  variant: 'composite',
  operations: ['Q1', 'Q2', 'Q3'],
  scale: 0.25,
  seed: 1,
} as const

/** One gate of the campaign. */
export interface Cell {
  readonly index: number
  readonly condition: Condition
  readonly slowdown: SlowdownKind
  /** The operation that is made slower; null where nothing is. */
  readonly operation: string | null
  readonly orderSeed: number
}

/** Equal sides for half of the gates, since a false alarm is the rarer event. */
const cycle: readonly SlowdownKind[] = [
  ...(['none', 'delay', 'none', 'sql', 'none', 'held-7', 'none', 'stall', 'none', 'delay'] as const),
  ...(['none', 'sql', 'none', 'held-3', 'none', 'delay-5', 'none', 'delay', 'none', 'sql'] as const),
]

/**
 * The gate at a place of the campaign, which has no end: the same on every machine and after every pause. The gates of
 * each kind go through the conditions, and then through the operations.
 */
export function cellAt(index: number): Cell {
  const slowdown = cycle[index % cycle.length] ?? 'none'
  const ofThatKind = (upTo: number): number => cycle.slice(0, upTo).filter((kind) => kind === slowdown).length
  const before =
    Math.floor(index / cycle.length) * ofThatKind(cycle.length) + ofThatKind(index % cycle.length)
  const { operations } = campaignSubject
  const operation = operations[Math.floor(before / conditions.length) % operations.length] ?? null
  return {
    index,
    condition: conditions[before % conditions.length] ?? 'ordinary',
    slowdown,
    operation: slowdown === 'none' ? null : operation,
    orderSeed: 1000 + index,
  }
}
