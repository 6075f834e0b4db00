import { expect, test } from 'vitest'
import { cacheFolder } from './cache-folder.ts'

test('the folder is ours by name, else the shared one, else below home', () => {
  expect(cacheFolder({ FORGEBENCH_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a')
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/forgebench')
  expect(cacheFolder({ FORGEBENCH_CACHE: '' })).toMatch(/\.cache\/forgebench$/)
})
