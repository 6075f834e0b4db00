import { expect, test } from 'vitest'
import { noAnswer } from './no-answer.ts'

const unreachable = Object.assign(new Error('no'), { code: 'ENOTFOUND' })
const said = (url: string, environment: Readonly<Record<string, string>>): string =>
  noAnswer(unreachable, new URL(url), 1000, environment).message

test('a network that is left through a proxy alone is named as such', () => {
  expect(said('https://staging.example.org', { https_proxy: 'http://proxy:3128' })).toBe(
    'no address is known for staging.example.org; fix --url; https_proxy names a proxy, and a load does not go through one: run it where the target is reached directly',
  )
})

test.each([
  ['the proxy is for another scheme', 'https://a.example.org', { HTTP_PROXY: 'http://p' }],
  ['the host is excepted', 'http://a.example.org', { HTTP_PROXY: 'http://p', NO_PROXY: 'x, .example.org' }],
  ['everything is excepted', 'http://a.example.org', { HTTP_PROXY: 'http://p', no_proxy: '*' }],
  ['the target is this machine', 'http://127.0.0.1:1', { HTTP_PROXY: 'http://p' }],
  ['there is none', 'http://a.example.org', {}],
])('no proxy is named where %s', (_name, url, environment) => {
  expect(said(url, environment)).not.toContain('proxy,')
})
