import { describe, expect, test } from 'vitest'
import { checkLimits, parseOpenFiles, parsePortRange, readLimits } from './limits.ts'

const none = { openFilesLimit: null, portRange: null }

describe('limits of the machine', () => {
  test('are read from Linux', () => {
    expect(
      parseOpenFiles(
        'Max processes   96365   96365   processes\nMax open files            1024                 524288               files\n',
      ),
    ).toBe(1024)
    expect(
      parseOpenFiles('Max open files            unlimited            unlimited            files'),
    ).toBeNull()
    expect(parsePortRange('32768\t60999\n')).toEqual([32768, 60999])
  })

  test('are unknown where there is no such file', () => {
    expect(parseOpenFiles('')).toBeNull()
    expect(parsePortRange('')).toBeNull()
  })

  test.skipIf(process.platform !== 'linux')('are there on this machine (needs Linux)', async () => {
    const { openFilesLimit, portRange } = await readLimits()
    expect(openFilesLimit === null || openFilesLimit > 0).toBe(true)
    expect(portRange![1]).toBeGreaterThan(portRange![0])
  })

  test('refuse a plan that needs more open files in a process, with the fix', () => {
    const plan = { connections: 10_000, workers: 2 }
    expect(() => checkLimits(plan, { ...none, openFilesLimit: 5064 })).not.toThrow()
    expect(() => checkLimits(plan, { ...none, openFilesLimit: 5063 })).toThrow(
      expect.objectContaining({
        code: 'OPEN_FILES_LIMIT',
        exit: 2,
        message: expect.stringMatching(/need 5064 open files each, and 5063 are allowed.*ulimit -n 5120/),
      }) as Error,
    )
  })

  test('refuse a plan that needs more local ports than there are, with the fix', () => {
    const plan = { connections: 1001, workers: 2 }
    expect(() => checkLimits(plan, { ...none, portRange: [1000, 2000] })).not.toThrow()
    expect(() => checkLimits({ ...plan, connections: 1002 }, { ...none, portRange: [1000, 2000] })).toThrow(
      expect.objectContaining({
        code: 'PORT_RANGE',
        message: expect.stringMatching(/sysctl -w net\.ipv4\.ip_local_port_range/),
      }) as Error,
    )
  })

  test('refuse nothing where they are unknown', () => {
    expect(() => checkLimits({ connections: 1_000_000, workers: 1 }, none)).not.toThrow()
  })
})
