import type { ClaimsFile } from './claims-file.ts'
import { expandVariants, type ExpandedVariant } from './expand.ts'
import { fieldsOf, itemsOf, unknownName, type Fields, type Mistake } from './mistake.ts'
import type { StatisticsState, Variant } from './scenario.ts'

/** Whether the claims of a scenario were stated, refer to what is there, and are of a change that makes sense. */
export function claimMistakes(scenario: Fields, stated: ClaimsFile): readonly Mistake[] {
  const variants = measuredVariants(scenario).map(({ id }) => id)
  const operations = itemsOf(scenario['operations'])
    .map((operation) => fieldsOf(operation)['id'])
    .filter((id) => typeof id === 'string')
  return itemsOf(scenario['claims']).flatMap((claim, claimIndex) => [
    ...unstated(fieldsOf(claim)['claim'], `claims[${claimIndex}].claim`, stated),
    ...itemsOf(fieldsOf(claim)['parts']).flatMap((value, index) => {
      const part = fieldsOf(value)
      return [
        ...unknownName(part['variant'], variants, 'variant', 'variant'),
        ...unknownName(part['versus'], variants, 'versus', 'variant'),
        ...unknownName(part['operation'], operations, 'operation', 'operation'),
        ...sameVariant(part),
        ...claimedMistakes(part),
        ...memoryMistakes(part, scenario),
      ].map(({ place, what }) => ({ place: `claims[${claimIndex}].parts[${index}].${place}`, what }))
    }),
  ])
}

const howToState =
  '{ "claims": [{ "id": "faster", "source": "ticket 12", "statement": "an index", "claimed": "−50 % time" }] }'

/** A claim that no `claims.json` states. */
export function unstated(claim: unknown, place: string, { path, claims }: ClaimsFile): readonly Mistake[] {
  if (typeof claim !== 'string' || claim.trim() === '') return []
  if (path !== undefined)
    return unknownName(
      claim,
      claims.map(({ id }) => id),
      place,
      'claim',
    )
  return [{ place, what: `no claims.json beside the scenario or above it; write one: ${howToState}` }]
}

/** The measured variants of a scenario of which nothing is known yet: their ids and states are valid, no more. */
export function measuredVariants(scenario: Fields): readonly ExpandedVariant[] {
  const states = (value: unknown): readonly StatisticsState[] | undefined =>
    Array.isArray(value) ? value.filter((state) => state === 'none' || state === 'analyzed') : undefined
  const withStates = (fields: Fields): object => {
    const statistics = states(fields['statistics'])
    return statistics === undefined || statistics.length === 0 ? {} : { statistics }
  }
  const variants = itemsOf(scenario['variants'])
    .map(fieldsOf)
    .filter(({ id }) => typeof id === 'string')
    .map(({ id, ...fields }) => ({ id, ...withStates(fields) }) as Variant)
  return expandVariants({ variants, ...withStates(scenario) })
}

function sameVariant({ variant, versus, of, versusOf }: Fields): readonly Mistake[] {
  const sameBytes = bytesKey(of) === bytesKey(versusOf ?? of)
  return typeof variant === 'string' && variant === versus && sameBytes
    ? [{ place: 'versus', what: 'is the variant itself: nothing is compared' }]
    : []
}

const bytesKey = (of: unknown): unknown =>
  Array.isArray(of) ? of.filter((name) => typeof name === 'string').join(' ') : of

function claimedMistakes({ measure, claimed }: Fields): readonly Mistake[] {
  const { from, to } = fieldsOf(claimed)
  if (typeof from !== 'number' || typeof to !== 'number') return []
  const more = measure === 'throughput' || measure === 'load-throughput'
  const wrongSign = (value: number): boolean => (more ? value <= 0 : value >= 0)
  const isWrong = typeof measure === 'string' && (wrongSign(from) || wrongSign(to))
  const what = isWrong
    ? [
        `an improvement of ${measure} is ${more ? 'above' : 'below'} 0, such as ${more ? '0.5' : '-0.5'} for 50 %`,
      ]
    : []
  return [...what.map((text) => ({ place: 'claimed', what: text })), ...rangeMistakes({ from, to })]
}

/** A claimed range that has its ends the wrong way round, or that no quantity can reach. */
export function rangeMistakes({ from, to }: Fields): readonly Mistake[] {
  if (typeof from !== 'number' || typeof to !== 'number') return []
  const what = [
    ...(Math.abs(from) > Math.abs(to)
      ? [`goes from the weaker to the stronger end: swap ${from} and ${to}`]
      : []),
    ...(from < -1 || to < -1 ? ['nothing shrinks by more than -1, which is -100 %'] : []),
  ]
  return what.map((text) => ({ place: 'claimed', what: text }))
}

function memoryMistakes({ measure }: Fields, scenario: Fields): readonly Mistake[] {
  return measure === 'cache-memory' && scenario['cacheMemory'] !== true
    ? [{ place: 'measure', what: 'cache-memory is measured only with cacheMemory: true in the scenario' }]
    : []
}
