import { describe, expect, test } from 'vitest'
import { underCondition, type MakeNoise } from './condition.ts'

/** Noise that lasts until it is stopped, and tells. */
function quietNoise(): { readonly make: MakeNoise; readonly told: string[] } {
  const told: string[] = []
  const make: MakeNoise = ({ kind }, signal) => {
    told.push(`${kind} begins`)
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        told.push(`${kind} ends`)
        reject(new Error('interrupted'))
      })
    })
  }
  return { make, told }
}

describe('a condition', () => {
  test('has its noise around the work, and none when idle', async () => {
    const { make, told } = quietNoise()
    const work = async (): Promise<number> => told.push('work')
    await underCondition('idle', work, make)
    expect(told).toEqual(['work'])
    await underCondition('stressed', work, make)
    expect(told.slice(1)).toEqual([
      'cpu begins',
      'memory begins',
      'disk begins',
      'work',
      'cpu ends',
      'memory ends',
      'disk ends',
    ])
  })

  test('ends its noise when the work fails', async () => {
    const { make, told } = quietNoise()
    const work = () => Promise.reject(new Error('the gate died'))
    await expect(underCondition('ordinary', work, make)).rejects.toThrow('the gate died')
    expect(told).toEqual(['cpu begins', 'cpu ends'])
  })

  test('whose noise dies is not that condition', async () => {
    const dies: MakeNoise = ({ kind }) => Promise.reject(new Error(`no ${kind}`))
    const work = (): Promise<number> => new Promise((resolve) => setImmediate(() => resolve(1)))
    await expect(underCondition('ordinary', work, dies)).rejects.toThrow('no cpu')
  })
})
