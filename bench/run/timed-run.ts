import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/**
 * Seconds that a whole process of `forgebench run` takes.
 * @throws Error when it does not end with 0
 */
export function timedRun(args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const startMs = performance.now()
  const { status } = spawnSync(process.execPath, [cli, 'run', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`forgebench run ended with ${status}`)
  return (performance.now() - startMs) / 1000
}
