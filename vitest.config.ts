import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { builtProcesses } from './fixtures/build/built-processes.ts'
import { CommandsFirst } from './fixtures/order/commands-first.ts'

/** Rooms without processes, servers, or state of a module. */
const functionsOfValues = ['src/{stats,random,judge,report,run,config,scenario,schema}/**/*.test.ts']

export default defineConfig({
  plugins: [builtProcesses(import.meta.dirname)],
  resolve: { alias: { forgebench: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    // Commands that tests run in their own process are the built ones, as Node loads them.
    server: { deps: { external: [/[/]dist[/]/] } },
    // Many files wait for servers and child processes most of the time.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    sequence: { sequencer: CommandsFirst },
    // A guard against hanging, far above what a test takes: a busy machine is no failure.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Real servers, k6 and signals on a shared runner: what fails twice fails. The report names what was run again.
    retry: process.env['CI'] ? 1 : 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'values',
          include: functionsOfValues,
          // Nothing lives on in such a module, so that a worker loads it once for all files.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'world',
          include: ['{src,bench}/**/*.test.ts'],
          exclude: functionsOfValues,
          globalSetup: ['fixtures/build/fresh-build.setup.ts', 'fixtures/cache/shared-cache.setup.ts'],
        },
      },
    ],
  },
})
