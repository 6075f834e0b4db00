import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { uuidV4, uuidV7, type UuidBits } from './uuid.ts'

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const bits: fc.Arbitrary<UuidBits> = fc.tuple(word, word, word, word)
const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test('v4 ids have the form, version and variant of RFC 9562', () => {
  fc.assert(
    fc.property(bits, (bits) => {
      expect(uuidV4(bits)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }),
  )
})

test('v7 ids start with the moment and end like the v4 id of the same bits', () => {
  fc.assert(
    fc.property(moment, bits, (unixMs, bits) => {
      const id = uuidV7(unixMs, bits)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(unixMs)
      expect(id.slice(19)).toBe(uuidV4(bits).slice(19))
    }),
  )
})

test('v7 ids of later moments sort behind', () => {
  fc.assert(
    fc.property(moment, moment, bits, (a, b, bits) => {
      fc.pre(a < b)
      expect(uuidV7(a, bits) < uuidV7(b, bits)).toBe(true)
    }),
  )
})
