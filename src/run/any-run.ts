import type { z } from 'zod'
import { gateRunSchema, type GateRun } from './gate/gate-run.ts'
import { loadComparisonSchema, type LoadComparison } from './load/load-comparison.ts'
import { loadRunSchema, type LoadRun } from './load/load-run.ts'
import { runSchema, type Run } from './run.ts'
import { sweepRunSchema, type SweepRun } from './sweep/sweep-run.ts'

/** A Run of any kind; those of scenarios have no field `kind`. */
export type AnyRun = Run | GateRun | LoadRun | LoadComparison | SweepRun

/** The kinds of Run by the field `kind`; a new kind is a line here, one in `AnyRun` and one in `judgeRun`. */
export const runKinds = {
  gate: gateRunSchema,
  load: loadRunSchema,
  'load-comparison': loadComparisonSchema,
  sweep: sweepRunSchema,
} as const satisfies Record<string, z.ZodType>

/** The schema that a file of this kind must meet; undefined for a kind that is not known. */
export function schemaOfKind(kind: unknown): z.ZodType<AnyRun> | undefined {
  if (kind === undefined) return runSchema
  return typeof kind === 'string' && Object.hasOwn(runKinds, kind)
    ? runKinds[kind as keyof typeof runKinds]
    : undefined
}

export const isGateRun = (run: AnyRun): run is GateRun => 'kind' in run && run.kind === 'gate'

export const isLoadRun = (run: AnyRun): run is LoadRun => 'kind' in run && run.kind === 'load'

export const isLoadComparison = (run: AnyRun): run is LoadComparison =>
  'kind' in run && run.kind === 'load-comparison'

export const isSweepRun = (run: AnyRun): run is SweepRun => 'kind' in run && run.kind === 'sweep'
