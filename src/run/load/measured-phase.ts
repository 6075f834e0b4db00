import { plannedSeconds } from '../../core/load-stages.ts'
import { readSegment, widthOf } from './execution-segment.ts'
import type { LoadRun } from './load-run.ts'

/** The part of a load that thresholds see, in seconds since the load began. */
export interface MeasuredPhase {
  /** First whole second after the warm-up. */
  readonly fromSecond: number
  /** Where the load ended: as planned, or before. */
  readonly endSecond: number
}

/** A second that is warm-up in part is left out as a whole. */
export function measuredPhase({ settings, measurement }: LoadRun): MeasuredPhase {
  const fromSecond = Math.ceil(settings.warmUpSeconds)
  const driven = Math.min(plannedSeconds(settings), measurement.seconds)
  return { fromSecond, endSecond: Math.max(fromSecond, driven) }
}

/** Share of the load that a run is, from 0 to 1: its width where it is an execution segment of k6, such as `0:1/3`. */
export function shareOfLoad({ measurement }: Pick<LoadRun, 'measurement'>): number {
  const segment = readSegment(measurement.segment ?? '0:1')
  return segment === undefined ? 1 : widthOf(segment)
}
