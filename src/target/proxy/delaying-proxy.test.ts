import fc from 'fast-check'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DelayLine, type DelayClock } from './delay-line.ts'
import { DelayingProxy } from './delaying-proxy.ts'

/** A clock whose timers fire when they are due, as the test lets time pass; or later, by as much as `lateMs` says. */
class FakeClock implements DelayClock {
  now = 0
  readonly #timers: { readonly atMs: number; readonly call: () => void }[] = []
  readonly #lateMs: () => number

  constructor(lateMs: () => number = () => 0) {
    this.#lateMs = lateMs
  }

  readonly nowMs = (): number => this.now
  readonly after = (ms: number, call: () => void): void =>
    void this.#timers.push({ atMs: this.now + ms + this.#lateMs(), call })

  passUntil(endMs: number): void {
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > endMs) break
      this.#timers.splice(this.#timers.indexOf(next), 1)
      this.now = Math.max(this.now, next.atMs)
      next.call()
    }
    this.now = endMs
  }
}

describe('a delay line', () => {
  test('hands on every piece as long after it came as was asked', () => {
    const clock = new FakeClock()
    const out: [string, number, number][] = []
    const line = new DelayLine<string>(
      20,
      (piece, delayedMs) => out.push([piece, clock.now, delayedMs]),
      clock,
    )
    line.push('a')
    clock.passUntil(5)
    line.push('b')
    line.push('c')
    clock.passUntil(100)
    expect(out).toEqual([
      ['a', 20, 20],
      ['b', 25, 20],
      ['c', 25, 20],
    ])
  })

  test('keeps the order and never hands on too early, however late its timers are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
        fc.nat(40),
        fc.infiniteStream(fc.nat(30)),
        (gapsMs, delayMs, lateness) => {
          const clock = new FakeClock(() => lateness.next().value ?? 0)
          const out: number[] = []
          const delays: number[] = []
          const line = new DelayLine<number>(
            delayMs,
            (piece, delayedMs) => {
              out.push(piece)
              delays.push(delayedMs)
            },
            clock,
          )
          gapsMs.forEach((gapMs, index) => {
            clock.passUntil(clock.now + gapMs)
            line.push(index)
          })
          clock.passUntil(clock.now + 10_000)
          expect(out).toEqual(gapsMs.map((_, index) => index))
          expect(Math.min(...delays)).toBeGreaterThanOrEqual(delayMs)
        },
      ),
    )
  })
})

describe('the delaying proxy', () => {
  let echo: Server
  let url = ''
  const proxy = new DelayingProxy()
  beforeAll(async () => {
    echo = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket))
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await proxy.close()
    echo.close()
  })

  const open = (to: string): Socket => connect(Number(new URL(to).port), '127.0.0.1')

  test('hands on whole streams in order, with their ends, and says what it added', async () => {
    const way = await proxy.way(url, 10)
    const sent = Buffer.alloc(300_000, 'abcdefg')
    const socket = open(way.url)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.end(sent)
    await new Promise((resolve) => socket.once('end', resolve))
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    const [added] = (await proxy.delays()).filter(({ delayMs }) => delayMs === 5)
    expect(added?.addedMs.length).toBeGreaterThan(1)
    expect(Math.min(...(added?.addedMs ?? []))).toBeGreaterThanOrEqual(5)
  })

  test('cuts what is open, and takes new connections afterwards', async () => {
    const way = await proxy.way(url, 0)
    const socket = open(way.url)
    socket.write('before')
    await new Promise((resolve) => socket.once('data', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    way.cut()
    await closed
    const again = open(way.url)
    again.end('after')
    const answer = await new Promise((resolve) => again.once('data', (chunk) => resolve(chunk.toString())))
    expect(answer).toBe('after')
  })

  test('breaks off where nobody listens behind it', async () => {
    const way = await proxy.way('http://127.0.0.1:1', 2)
    const socket = open(way.url)
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('close', resolve))
    expect(socket.destroyed).toBe(true)
  })
})
