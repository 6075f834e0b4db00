import { expect, test } from 'vitest'
import type { ClientWork } from '../../scenario/scenario.ts'
import { measureClientWork } from './client-work.ts'

const measure = (run: unknown): Promise<unknown> =>
  measureClientWork([{ id: 'mine', title: 'mine', run: run as ClientWork['run'] }], { timeMs: 1, seed: 1 })

test('work that throws or makes nothing is a mistake of the scenario', async () => {
  const thrower = (): never => {
    throw { toString: null }
  }
  await expect(measure(thrower)).rejects.toMatchObject({ exit: 2, message: /clientWork mine: run threw/ })
  await expect(measure(() => undefined)).rejects.toMatchObject({ exit: 2, message: /run returned nothing/ })
})
