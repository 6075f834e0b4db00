import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { builtProcesses } from './fixtures/build/built-processes.ts'
import { CommandsFirst } from './fixtures/order/commands-first.ts'

export default defineConfig({
  plugins: [builtProcesses(import.meta.dirname)],
  resolve: { alias: { forgebench: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    include: ['{src,bench}/**/*.test.ts'],
    // Commands that tests run in their own process are the built ones, as Node loads them.
    server: { deps: { external: [/[/]dist[/]/] } },
    globalSetup: ['fixtures/build/fresh-build.setup.ts', 'fixtures/cache/shared-cache.setup.ts'],
    // Many files wait for servers and child processes most of the time.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    sequence: { sequencer: CommandsFirst },
    // A guard against hanging, far above what a test takes: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Real servers, k6 and signals on a shared runner: what fails twice fails. The report names what was run again.
    retry: process.env['CI'] ? 1 : 0,
  },
})
