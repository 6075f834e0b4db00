import { describe, expect, test } from 'vitest'
import { runTimed } from './timed-process.ts'

const node = (script: string) => ({ file: process.execPath, args: ['-e', script] })
const burn = (ms: number): string =>
  `while ((({ user, system }) => user + system)(process.cpuUsage()) < ${ms * 1000});`

describe.skipIf(process.platform !== 'linux')('a timed command (needs /proc)', () => {
  test('comes back with what it printed and how it ended', async () => {
    const script = 'process.stdin.on("data", (text) => { process.stdout.write(text); process.exitCode = 7 })'
    const result = await runTimed({ ...node(script), input: 'echo' }, 20)
    expect(result).toMatchObject({ stdout: 'echo', stderr: '', exitCode: 7 })
  })

  test('is charged for the processor time of its children too', async () => {
    const child = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn(400))}])`
    const { cpuSeconds, samples } = await runTimed(node(`${child}; ${burn(300)}`), 20)
    expect(cpuSeconds).toBeGreaterThan(0.65)
    expect(Math.max(...samples.map(({ rssBytes }) => rssBytes))).toBeGreaterThan(20e6)
  })

  test('is not charged for the one before', async () => {
    await runTimed(node(burn(500)), 20)
    const { cpuSeconds } = await runTimed({ file: 'true', args: [] }, 20)
    expect(cpuSeconds).toBeLessThan(0.4)
  })

  test('is ended when it takes too long', async () => {
    const forever = runTimed(node('process.stderr.write("still here"); setInterval(() => {}, 1000)'), 0.5)
    await expect(forever).rejects.toThrow(/did not end within 0.5 s/)
  })

  test('that is not installed fails by itself', async () => {
    await expect(runTimed({ file: 'no-such-tool', args: [] }, 5)).rejects.toThrow(/ENOENT/)
  })
})
