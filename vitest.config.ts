import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { forgebench: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    dir: 'src',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real servers, k6 and signals on a shared runner: what fails twice fails. The report names what was run again.
    retry: process.env['CI'] ? 1 : 0,
  },
})
