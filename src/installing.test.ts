import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import lock from '../package-lock.json' with { type: 'json' }

const { satisfies, minVersion } = createRequire(import.meta.url)('semver') as {
  readonly satisfies: (version: string, range: string) => boolean
  readonly minVersion: (range: string) => { readonly version: string }
}

interface Locked {
  readonly version?: string
  readonly engines?: { readonly node?: string }
}

test('npm warns of no package on the Node versions that are supported (EBADENGINE)', () => {
  const { '': ours, ...others } = lock.packages as Readonly<Record<string, Locked>>
  const oldest = (ours?.engines?.node ?? '').split('||').map((range) => minVersion(range).version)
  expect(oldest).toEqual(['20.19.0', '22.13.0', '24.0.0'])
  const warned = Object.entries(others).flatMap(([name, { version, engines }]) =>
    oldest
      .filter((node) => engines?.node !== undefined && !satisfies(node, engines.node))
      .map((node) => `${name} ${version} on ${node}`),
  )
  expect(warned).toEqual([])
})
