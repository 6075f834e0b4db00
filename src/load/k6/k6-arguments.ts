import { UsageError } from '../../core/errors.ts'

/** Options of k6 that would change what is sent, how it is counted, or what we read. */
const ours: Readonly<Record<string, string>> = {
  '--vus': '--users or --connections',
  '-u': '--users or --connections',
  '--duration': '--duration',
  '-d': '--duration',
  '--iterations': '--max-requests',
  '-i': '--max-requests',
  '--stage': 'the stages of a profile',
  '-s': 'the stages of a profile',
  '--summary-trend-stats': 'forgebench load collect, which needs its own',
  '--no-thresholds': '--json, which has all figures whatever the verdict',
  '--no-summary': 'forgebench report',
  '--system-tags': 'tags of its own',
  '--log-format': 'the log of k6',
  '--log-output': 'the log of k6',
}

/**
 * The user's own arguments for k6, as they are handed on.
 * @throws UsageError K6_ARGUMENT for one that forgebench must set itself
 */
export function checkK6Arguments(args: readonly string[]): readonly string[] {
  for (const [i, arg] of args.entries()) {
    const [option, value] = optionAt(args, i)
    const instead = Object.hasOwn(ours, option) ? ours[option] : undefined
    if (instead !== undefined) {
      throw new UsageError(
        'K6_ARGUMENT',
        `${option} after -- is set by forgebench (${instead}); leave it out`,
      )
    }
    if ((option === '--out' || option === '-o') && /^csv(=-?)?$/.test(value)) {
      throw new UsageError(
        'K6_ARGUMENT',
        `${option} ${value} after -- would write into what forgebench reads; write ${option} csv=file.csv`,
      )
    }
    if (/^[^-].*\.[cm]?[jt]s$/.test(arg) && !args[i - 1]?.startsWith('-')) {
      throw new UsageError('K6_ARGUMENT', `${arg} after -- is a script; name a profile with --profile`)
    }
  }
  return args
}

/** The execution segment that the user's arguments name, such as `0:1/3`; null for the whole load. */
export function segmentOf(args: readonly string[]): string | null {
  const at = args.findIndex((_, i) => optionAt(args, i)[0] === '--execution-segment')
  return at === -1 ? null : optionAt(args, at)[1]
}

/** An option and its value, written as one argument or as two. */
function optionAt(args: readonly string[], i: number): readonly [option: string, value: string] {
  const arg = args[i] ?? ''
  const equals = arg.indexOf('=')
  return equals === -1 ? [arg, args[i + 1] ?? ''] : [arg.slice(0, equals), arg.slice(equals + 1)]
}
