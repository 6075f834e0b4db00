import type { RecordedPlant } from './cells.ts'

/** What the tables call a plant. */
export const plantTitles: Readonly<Record<RecordedPlant, string>> = {
  none: 'equal sides',
  delay: '+10 % by delay',
  sql: '+10 % by more SQL work',
  'slow-7': 'slowest 7 %, by half of the median',
  'slow-3': 'slowest 3 %, by half of the median',
  'tail-7': 'slowest 7 %, by half of their own time',
  'tail-3': 'slowest 3 %, by half of their own time',
}
