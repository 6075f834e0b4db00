import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { callUserCode, whileLoading } from './script-being-loaded.ts'

const folder = process.cwd()
const goElsewhere = (): void => process.chdir(tmpdir())

test('a script that changes the folder leaves the command in its own', async () => {
  const load = async (): Promise<string> => {
    goElsewhere()
    await Promise.resolve()
    return process.cwd()
  }
  expect(await whileLoading('own.ts', 'scenario', load)).not.toBe(folder)
  expect(process.cwd()).toBe(folder)
  expect(callUserCode(goElsewhere)).toBeUndefined()
  expect(process.cwd()).toBe(folder)
})

test('so does one that throws, and listeners for signals are back', async () => {
  const listener = (): void => undefined
  process.on('SIGHUP', listener)
  const heard = (): boolean => process.listeners('SIGHUP').includes(listener)
  const fail = (): never => {
    goElsewhere()
    // Nobody would hear the listener while this thread computes: the signal itself must end the process.
    expect(heard()).toBe(false)
    throw new Error('no')
  }
  await expect(whileLoading('own.ts', 'scenario', async () => fail())).rejects.toThrow('no')
  expect([process.cwd(), heard()]).toEqual([folder, true])
  expect(() => callUserCode(fail)).toThrow('no')
  expect([process.cwd(), heard()]).toEqual([folder, true])
  process.removeListener('SIGHUP', listener)
})
