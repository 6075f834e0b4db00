import { describe, expect, it } from 'vitest'
import { checkK6Arguments, segmentOf } from './k6-arguments.ts'

describe('arguments for k6', () => {
  it.each([
    [['--out', 'influxdb=http://localhost:8086/k6']],
    [['--out=csv=requests.csv', '--tag', 'run=7']],
    [['-o', 'csv=requests.csv', '--insecure-skip-tls-verify']],
    [['--execution-segment', '0:1/3', '--execution-segment-sequence', '0,1/3,1']],
    [['-e', 'NOTE=script.ts']],
    [[]],
  ])('%j are handed on', (args) => {
    expect(checkK6Arguments(args)).toEqual(args)
  })

  it.each([
    [['--vus', '10'], '--vus after -- is set by forgebench (--users or --connections)'],
    [['--duration=10s'], '--duration after -- is set by forgebench'],
    [['--no-thresholds'], '--no-thresholds after -- is set by forgebench'],
    [['--out', 'csv'], '--out csv after -- would write into what forgebench reads; write --out csv=file.csv'],
    [['--out=csv=-'], '--out csv=- after -- would write into what forgebench reads'],
    [['mine.ts'], 'mine.ts after -- is a script; name a profile with --profile'],
  ])('%j are refused', (args, message) => {
    expect(() => checkK6Arguments(args)).toThrow(message)
  })

  it('may name a segment', () => {
    expect(segmentOf(['--tag', 'a=b', '--execution-segment', '0:1/3'])).toBe('0:1/3')
    expect(segmentOf(['--execution-segment=1/3:1', '--tag', 'a=b'])).toBe('1/3:1')
    expect(segmentOf(['--execution-segment-sequence', '0,1'])).toBeNull()
  })
})
