import type { LoadRun } from './load-run.ts'

/** The part of a load that thresholds see, in seconds since the load began. */
export interface MeasuredPhase {
  /** First whole second after the warm-up. */
  readonly fromSecond: number
  /** Where the load ended: as planned, or before. */
  readonly endSecond: number
}

/** Length of a load as planned, warm-up included. */
export const plannedSecondsOf = ({ stages }: Pick<LoadRun['settings'], 'stages'>): number =>
  stages.reduce((sum, { seconds }) => sum + seconds, 0)

/** A second that is warm-up in part is left out as a whole. */
export function measuredPhase({ settings, measurement }: LoadRun): MeasuredPhase {
  const fromSecond = Math.ceil(settings.warmUpSeconds)
  const driven = Math.min(plannedSecondsOf(settings), measurement.seconds)
  return { fromSecond, endSecond: Math.max(fromSecond, driven) }
}
