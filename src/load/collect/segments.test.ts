import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidMeasurementError, UsageError } from '../../core/errors.ts'
import { widthOf } from '../../run/load/execution-segment.ts'
import { checkCover, parseSegment } from './segments.ts'

const cover = (...texts: readonly string[]) =>
  checkCover(texts.map((text) => ({ name: `pod ${text}`, segment: parseSegment(text, text) })))

describe('an execution segment', () => {
  it.each([
    ['0:1/3', 1 / 3],
    ['1/3:2/3', 1 / 3],
    ['0.25:1', 0.75],
    ['25%:50%', 0.25],
    ['1/4', 0.25],
    ['0:1', 1],
  ])('%s is a share of %d', (text, share) => {
    expect(widthOf(parseSegment(text, 'pod'))).toBeCloseTo(share, 12)
  })

  it.each(['', '1/3:1/3', '2/3:1/3', '0:4/3', '1/0', 'a:b', '-1:1', '0:1:2/0'])('is not «%s»', (text) => {
    expect(() => parseSegment(text, 'pod.log')).toThrow(/pod\.log: .* is no execution segment/)
  })
})

describe('segments', () => {
  it('of any split, in any order and notation, are the whole load', () => {
    const split = fc
      .tuple(fc.integer({ min: 2, max: 30 }), fc.infiniteStream(fc.boolean()))
      .map(([n, cuts]) => {
        const ends = Array.from({ length: n - 1 }, (_, i) => i + 1).filter(() => cuts.next().value)
        const points = [0, ...ends, n]
        return points.slice(1).map((end, i) => `${points[i]}/${n}:${end}/${n}`)
      })
    fc.assert(
      fc.property(
        split.chain((parts) => fc.shuffledSubarray(parts, { minLength: parts.length })),
        (parts) => cover(...parts),
      ),
    )
    cover('0.5:1', '0:1/4', '25%:50%')
  })

  it('that are missing are named', () => {
    const missing = () => cover('0:1/5', '1/5:2/5', '3/5:4/5', '4/5:1')
    expect(missing).toThrow(InvalidMeasurementError)
    expect(missing).toThrow('4 parts are not the whole load: the segment 2/5:3/5 is missing')
    expect(() => cover('1/3:2/3')).toThrow('one part is not the whole load: the segment 0:1/3 and 2/3:1')
  })

  it('that are there twice are named', () => {
    const twice = () => cover('0:1/3', '1/3:2/3', '1/3:2/3', '2/3:1')
    expect(twice).toThrow(UsageError)
    expect(twice).toThrow('pod 1/3:2/3: its segment 1/3:2/3 is in pod 1/3:2/3 already')
    expect(() => cover('0:1/2', '1/3:1')).toThrow('pod 1/3:1: its segment 1/3:1 is in pod 0:1/2 already')
  })
})
