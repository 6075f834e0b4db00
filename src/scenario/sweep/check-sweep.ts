import { UsageError } from '../../core/errors.ts'
import { rangeMistakes, unstated } from '../claim-rules.ts'
import type { ClaimsFile } from '../claims-file.ts'
import { standMistakes } from '../check.ts'
import {
  fieldsOf,
  itemsOf,
  mistakesText,
  repeatedIds,
  shapeMistakes,
  unknownName,
  type Fields,
  type Mistake,
} from '../mistake.ts'
import { sweepSchema, type Sweep } from './sweep.ts'

/**
 * The value as a Sweep, when nothing is wrong with it.
 * @throws UsageError SWEEP_INVALID with all mistakes at once, each with the path and the place in the file
 */
export function checkSweep(value: unknown, path: string, stated: ClaimsFile): Sweep {
  const sweep = fieldsOf(value)
  const points = itemsOf(sweep['points'])
  const names = { points: namesIn(points), metrics: namesIn(itemsOf(sweep['metrics'])) }
  const mistakes = [
    ...shapeMistakes(sweepSchema, value, ''),
    ...standMistakes(sweep),
    ...repeatedIds(points, 'points'),
    ...repeatedIds(itemsOf(sweep['metrics']), 'metrics'),
    ...points.flatMap((point, index) =>
      unknownName(fieldsOf(point)['versus'], names.points, `points[${index}].versus`, 'point'),
    ),
    ...['throughput', 'latency'].flatMap((field) =>
      unknownName(fieldsOf(sweep['knee'])[field], names.metrics, `knee.${field}`, 'metric'),
    ),
    ...claimMistakes(sweep, names, stated),
    ...repeatedIds(itemsOf(sweep['claims']), 'claims', 'claim'),
  ]
  if (mistakes.length === 0) return value as Sweep
  throw new UsageError('SWEEP_INVALID', mistakesText(mistakes, path))
}

const namesIn = (items: readonly unknown[]): readonly string[] =>
  items.map((item) => fieldsOf(item)['id']).filter((id) => typeof id === 'string')

function claimMistakes(
  sweep: Fields,
  { points, metrics }: { readonly points: readonly string[]; readonly metrics: readonly string[] },
  stated: ClaimsFile,
): readonly Mistake[] {
  return itemsOf(sweep['claims']).flatMap((claim, claimIndex) => [
    ...unstated(fieldsOf(claim)['claim'], `claims[${claimIndex}].claim`, stated),
    ...itemsOf(fieldsOf(claim)['parts']).flatMap((value, index) => {
      const { metric, variant, versus, claimed } = fieldsOf(value)
      return [
        ...unknownName(metric, metrics, 'metric', 'metric'),
        ...unknownName(variant, points, 'variant', 'point'),
        ...unknownName(versus, points, 'versus', 'point'),
        ...(typeof variant === 'string' && variant === versus
          ? [{ place: 'versus', what: 'is the point itself: nothing is compared' }]
          : []),
        ...rangeMistakes(fieldsOf(claimed)),
      ].map(({ place, what }) => ({ place: `claims[${claimIndex}].parts[${index}].${place}`, what }))
    }),
  ])
}
