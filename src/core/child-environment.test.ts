import { expect, test } from 'vitest'
import { childEnvironment } from './child-environment.ts'

const ours = {
  PATH: '/bin',
  Path: 'C:\\bin',
  https_proxy: 'http://proxy:3128',
  LC_ALL: 'C',
  FORGEBENCH_CACHE: '/cache',
  FORGEBENCH_TOKEN: 'a',
  NODE_EXTRA_CA_CERTS: 'ca.pem',
  API_TOKEN: 'b',
  AWS_SECRET_ACCESS_KEY: 'c',
  GITHUB_TOKEN: 'd',
  ANYTHING: 'e',
  UNSET: undefined,
}

test('a child is given what every program needs, and no secret', () => {
  expect(Object.keys(childEnvironment([], ours)).toSorted()).toEqual([
    'FORGEBENCH_CACHE',
    'LC_ALL',
    'NODE_EXTRA_CA_CERTS',
    'PATH',
    'Path',
    'https_proxy',
  ])
})

test('a child is given the token that it sends, by its name', () => {
  expect(childEnvironment(['API_TOKEN', 'UNSET', null], ours)).toMatchObject({ API_TOKEN: 'b' })
  expect(childEnvironment(['API_TOKEN'], ours)).not.toHaveProperty('GITHUB_TOKEN')
})
