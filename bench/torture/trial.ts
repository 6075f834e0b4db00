import { randomSequence, streamKey } from '../../src/random/random.ts'
import type { Workspace } from './workspace.ts'

/** What forgebench promises whatever happens to it; a trial looks whether one was broken. */
export const promises = [
  'the database is whole',
  'what was acknowledged is stored',
  'nothing is half accepted',
  'no file is half written',
  'no process outlives its command by 2 s',
  'nothing is left after the next command',
  'the exit code is right',
  'an error is one line',
  'times are sane',
  'the next command works',
] as const
export type BrokenPromise = (typeof promises)[number]

/** What came of a trial. */
export type Outcome =
  Held | { readonly status: 'broken'; readonly promise: BrokenPromise; readonly evidence: string }

export interface Held {
  readonly status: 'held'
  /** What happened, such as `killed` or `refused`: rows of one kind are counted by it. */
  readonly event: string
  /** Writes that were acknowledged and found stored. */
  readonly acknowledged: number
}

export const held = (event: string, acknowledged = 0): Held => ({ status: 'held', event, acknowledged })

/** Thrown by the checks of a trial; becomes its outcome. */
export class PromiseBroken extends Error {
  readonly promise: BrokenPromise

  constructor(promise: BrokenPromise, evidence: string) {
    super(evidence)
    this.promise = promise
  }
}

/** @throws PromiseBroken unless the condition is true */
export function promised(condition: boolean, promise: BrokenPromise, evidence: string): asserts condition {
  if (!condition) throw new PromiseBroken(promise, evidence)
}

export type Parameters = Readonly<Record<string, string | number>>

/** A kind of mishap. `draw` takes uniform numbers from [0, 1); the same seed gives the same parameters. */
interface KindOf<P extends Parameters> {
  readonly name: string
  /** What is done, for the table. */
  readonly title: string
  /** Whether its trials send SIGKILL. */
  readonly kills: boolean
  /** Trials of a whole campaign, with seeds from 1. */
  readonly trials: number
  /** What this machine lacks for it; undefined when it has everything. */
  readonly missing?: () => Promise<string | undefined>
  readonly draw: (next: () => number) => P
  /** @throws PromiseBroken */
  readonly run: (parameters: P, workspace: Workspace) => Promise<Held>
}

/** A mishap of one kind with its parameters. */
export interface Trial {
  readonly parameters: Parameters
  /** @throws PromiseBroken */
  readonly run: (workspace: Workspace) => Promise<Held>
}

export interface TrialKind extends Omit<KindOf<Parameters>, 'draw' | 'run'> {
  readonly trial: (seed: number) => Trial
}

export function trialKind<P extends Parameters>({ draw, run, ...kind }: KindOf<P>): TrialKind {
  return {
    ...kind,
    trial: (seed) => {
      const parameters = draw(randomSequence(streamKey(seed, kind.name)))
      return { parameters, run: (workspace) => run(parameters, workspace) }
    },
  }
}

/** One of the values, by a uniform number. */
export const oneOf = <T>(values: readonly T[], uniform: number): T =>
  values[Math.floor(uniform * values.length)] as T

/** A whole number in [from, to). */
export const wholeBetween = (from: number, to: number, uniform: number): number =>
  Math.floor(from + uniform * (to - from))
