import type { PreparedLoad } from '../../engine/load/prepare-load.ts'
import { failedEarly } from '../../judge/load/failed-early.ts'
import type { EarlyEnd } from '../../load/engine.ts'
import type { LoadMeasurement } from '../../run/load/load-run.ts'

/** As often as k6 evaluates thresholds. */
const everySeconds = 2
/** A long load is judged less often: what it has measured changes slower, and to judge it takes longer. */
const shareOfElapsed = 0.05

type Thresholds = Pick<PreparedLoad, 'thresholds'>

/** Warns on stderr where a load is shared between processes: one of them alone would stop. */
export function warnPartsDoNotAbort(load: Thresholds): void {
  if (!hasAborts(load)) return
  process.stderr.write(
    'warning: abortOnFail is left out: the load is shared, and one part alone would stop; the thresholds are judged at the end\n',
  )
}

const hasAborts = ({ thresholds }: Thresholds): boolean =>
  thresholds.some(({ abortAfterSeconds }) => abortAfterSeconds !== undefined)

/** Ends a load when a threshold with `abortOnFail` significantly fails; undefined where it has none. */
export function earlyEnd({
  plan,
  thresholds,
}: Thresholds & Pick<PreparedLoad, 'plan'>): EarlyEnd | undefined {
  if (!hasAborts({ thresholds })) return undefined
  const enough = new AbortController()
  let endedBy: LoadMeasurement['endedBy']
  const fromSecond = Math.ceil(plan.warmUpSeconds)
  let next = fromSecond + everySeconds
  return {
    enough: enough.signal,
    endedBy: () => endedBy,
    onSecond: (seconds, soFar) => {
      if (seconds < next || endedBy !== undefined) return
      next = seconds + Math.max(everySeconds, seconds * shareOfElapsed)
      const failed = failedEarly(thresholds, { ...soFar(), fromSecond, toSecond: seconds })
      if (failed === undefined) return
      const { metric, expression } = failed
      endedBy = { metric, expression, afterSeconds: seconds }
      enough.abort()
    },
  }
}
