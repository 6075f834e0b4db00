import { expect, it } from 'vitest'
import { newId } from './new-id.ts'

it('ids are UUIDs of version 7 that carry the moment and sort in the order in which they were made', () => {
  const nowMs = Date.now()
  const ids = Array.from({ length: 10_000 }, (_, index) => newId(nowMs + Math.floor(index / 6_000)))
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  expect(Number.parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs)
})

it('ids go on rising when the clock goes back', () => {
  const nowMs = Date.now() + 60_000
  const before = newId(nowMs)
  expect(newId(nowMs - 30_000) > before).toBe(true)
})
