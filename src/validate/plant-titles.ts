import type { RecordedPlant } from './cells.ts'

/** What the tables call a plant. */
export const plantTitles: Readonly<Record<RecordedPlant, string>> = {
  none: 'equal sides',
  delay: '+10 % by delay',
  sql: '+10 % by more SQL work',
  'held-7': 'slowest 7 %, held to that',
  'held-3': 'slowest 3 %, held to that',
  'slow-7': 'slowest 7 % of late, by half of the median (retired)',
  'slow-3': 'slowest 3 % of late, by half of the median (retired)',
  'tail-7': 'slowest 7 %, by half of their own time (retired)',
  'tail-3': 'slowest 3 %, by half of their own time (retired)',
}
