/** What else the machine did while a gate ran. */
export const conditions = ['idle', 'ordinary', 'stressed'] as const
export type Condition = (typeof conditions)[number]

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

/** What the campaign's gates were measured on: libSQL work of three operations, one schema against itself. */
export const campaignSubject = {
  scenario: 'indexes/composite',
  variant: 'composite',
  operations: ['Q1', 'Q2', 'Q3'],
  scale: 0.25,
  seed: 1,
} as const
