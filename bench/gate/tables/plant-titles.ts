import type { PlantKind } from '../records/cells.ts'

/** What the tables call a plant. */
export const plantTitles: Readonly<Record<PlantKind, string>> = {
  none: 'equal sides',
  delay: '+10 % by delay',
  sql: '+10 % by more SQL work',
  'delay-5': '+5 % by delay',
  'held-7': 'slowest 7 %, by half of the median',
  'held-3': 'slowest 3 %, by half of the median',
  stall: 'stalls: 8 % of slices three times as slow',
}
