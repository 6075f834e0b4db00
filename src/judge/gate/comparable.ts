import { isGateRun, isLoadComparison, isLoadRun, isSweepRun, type AnyRun } from '../../run/any-run.ts'
import type { GateRun } from '../../run/gate/gate-run.ts'
import type { LoadComparison } from '../../run/load/load-comparison.ts'
import type { LoadRun } from '../../run/load/load-run.ts'
import type { Evidence, Run, ScenarioRun } from '../../run/run.ts'

/** What two Runs that are to be judged together have not alike. */
export interface Difference {
  /** Such as `scale: 0.25 against 0.1`. */
  readonly what: string
  readonly fix: string
}

/** One thing that must be alike in two Runs. */
interface Trait {
  readonly name: string
  readonly value: string
  readonly fix: string
  /** What it is compared by where the name is not enough. */
  readonly key?: string
}

const saveAgain = 'save the baseline again with forgebench gate save'
const measureAlike = 'measure all of them alike'

/**
 * What forbids to judge the counters of `run` against those of `baseline`; nothing when they may be compared. Engine,
 * seed, scale, data, and of each operation its statement and arguments must be the same. The migrations need not, for
 * they are what is judged; neither need the scenario's file where its operations are the same.
 */
export function counterDifferences(baseline: Run, run: Run): readonly Difference[] {
  const shared = baseline.scenarios.flatMap((before) => {
    const after = run.scenarios.find(({ id }) => id === before.id)
    return after === undefined ? [] : [{ before, after }]
  })
  if (shared.length === 0) {
    const of = (from: Run): string => from.scenarios.map(({ id }) => id).join(', ') || 'none'
    return [{ what: `no scenario in common: ${of(run)} against ${of(baseline)}`, fix: saveAgain }]
  }
  const ground = [
    ...differing(engineOf(baseline, saveAgain), engineOf(run, saveAgain)),
    ...differing(settingsOf(baseline), settingsOf(run)),
  ]
  if (ground.length > 0) return ground
  return shared.flatMap(({ before, after }) => {
    const data = differing(dataOf(before, saveAgain), dataOf(after, saveAgain))
    // Other data have other arguments.
    return data.length > 0 ? data : differing(questionsOf(before), questionsOf(after))
  })
}

/**
 * What forbids one verdict over several Runs, each against the first: kind, engine, scenario or load profile, data and
 * settings must be the same.
 */
export function setDifferences([first, ...others]: readonly AnyRun[]): readonly Difference[] {
  if (first === undefined) return []
  return distinct(others.flatMap((other) => differing(traitsOf(first), traitsOf(other))))
}

/** All differences on one line, those with the same fix together. */
export function differencesInWords(differences: readonly Difference[]): string {
  const fixes = [...new Set(differences.map(({ fix }) => fix))]
  return fixes
    .map((fix) => {
      const found = differences.filter((difference) => difference.fix === fix)
      return `${found.map(({ what }) => what).join(', ')} (${fix})`
    })
    .join('; ')
}

/** Traits that both have with other values; what only one has is nothing to compare. */
function differing(first: readonly Trait[], second: readonly Trait[]): readonly Difference[] {
  const keyOf = ({ key, name }: Trait): string => key ?? name
  const known = new Map(first.map((trait) => [keyOf(trait), trait]))
  return distinct(
    second.flatMap((trait) => {
      const before = known.get(keyOf(trait))
      if (before === undefined || before.value === trait.value) return []
      return [{ what: trait.name + valuesOf(trait.value, before.value), fix: before.fix }]
    }),
  )
}

const distinct = (differences: readonly Difference[]): readonly Difference[] => [
  ...new Map(differences.map((difference) => [difference.what, difference])).values(),
]

const longestValue = 60

/** Digests and statements say nothing to a reader. */
const valuesOf = (now: string, before: string): string =>
  Math.max(now.length, before.length) > longestValue || /\n|^[0-9a-f]{16,}$/.test(now)
    ? ' differs'
    : `: ${now} against ${before}`

function traitsOf(run: AnyRun): readonly Trait[] {
  const kind = 'kind' in run ? run.kind : 'scenarios'
  const traits = [trait('kind of Run', kind, 'judge each kind on its own')]
  if (isLoadRun(run) || isLoadComparison(run)) return [...traits, ...loadTraits(run)]
  if (isSweepRun(run)) return traits
  const scenarios = isGateRun(run) ? [run.scenario] : run.scenarios
  const ids = scenarios.map(({ id }) => id).toSorted()
  traits.push(trait('scenarios', ids.join(', '), 'judge each scenario on its own'))
  if (isGateRun(run)) {
    const { rule } = run.settings
    const { baseline, candidate } = run
    traits.push(
      trait(
        'rule',
        JSON.stringify([rule.quantile, rule.toleranceRatio, rule.smallestEffectRatio]),
        measureAlike,
      ),
      trait('sides', `${candidate.spec} against ${baseline.spec}`, 'judge each pair of sides on its own'),
    )
  }
  return [
    ...traits,
    ...engineOf(run, measureAlike),
    trait('seed', String(run.settings.seed), measureAlike),
    trait('scale', String(run.settings.scale), measureAlike),
    ...scenarios.flatMap((scenario) => [
      trait(`${scenario.id}: its file`, scenario.fileDigest, measureAlike),
      ...dataOf(scenario, measureAlike),
    ]),
  ]
}

const engineOf = (
  { environment: { engine } }: Run | GateRun | LoadComparison,
  fix: string,
): readonly Trait[] => [trait('SQLite', engine.sqlite, fix), trait('libsql', engine.libsql, fix)]

const settingsOf = ({ settings: { seed, scale } }: Run): readonly Trait[] => [
  trait('seed', String(seed), `measure with --seed ${seed}`),
  trait('scale', String(scale), `measure with --scale ${scale}`),
]

const dataOf = ({ id, dataDigests }: ScenarioRun, fix: string): readonly Trait[] =>
  Object.entries(dataDigests).map(([ids, digest]) => trait(`${id}: data (${ids})`, digest, fix))

/** What is asked: another statement, or the same with other arguments, is another question. */
function questionsOf({ id, operations, evidence, variants }: ScenarioRun): readonly Trait[] {
  return [
    ...variants.map((variant) =>
      trait(
        `${id}: variant ${variant.id}`,
        `${variant.driver}, ids ${variant.ids}, statistics ${variant.statistics}`,
        saveAgain,
      ),
    ),
    ...operations.map((operation) =>
      trait(`${id}: statement of ${operation.id}`, `${operation.kind}\n${operation.sql}`, saveAgain),
    ),
    ...evidence.map((found) => ({
      ...trait(`${id}: arguments of ${found.operation}`, argumentsOf(found), saveAgain),
      key: `${id}/${found.operation}/${found.variant}`,
    })),
  ]
}

/** Older Runs do not know the arguments, only how many there were. */
const argumentsOf = ({ argumentsDigest, executions }: Evidence): string =>
  argumentsDigest === undefined ? `${executions} executions` : argumentsDigest

function loadTraits(run: LoadRun | LoadComparison): readonly Trait[] {
  const { profile, settings } = run
  return [
    ...(isLoadComparison(run) ? engineOf(run, measureAlike) : []),
    trait('load profile', profile.id, 'judge each profile on its own'),
    trait(`${profile.id}: its file`, profile.fileDigest, measureAlike),
    trait(`${profile.id}: data`, profile.dataDigest, measureAlike),
    trait('settings', JSON.stringify(settings), measureAlike),
  ]
}

const trait = (name: string, value: string, fix: string): Trait => ({ name, value, fix })
