import type { SingleBar } from 'cli-progress'
import { wantsColor } from './console.ts'

/** Shows how far a long job over rows is; `end` clears the line. */
export interface RowProgress {
  readonly update: (rowsDone: number, rowsTotal: number, step: string) => void
  readonly end: () => void
}

const linePauseMs = 2000

/** A bar on a terminal, a plain line every two seconds elsewhere (pipes, CI, NO_COLOR); always on stderr. */
export async function showRowProgress(): Promise<RowProgress> {
  const interactive = wantsColor(process.stderr) && (process.env['CI'] ?? '') === ''
  return interactive ? barProgress() : lineProgress()
}

const rate = (rows: number, startedMs: number): number =>
  Math.round((rows / Math.max(1, performance.now() - startedMs)) * 1000)

async function barProgress(): Promise<RowProgress> {
  const { default: progress } = await import('cli-progress')
  const startedMs = performance.now()
  let bar: SingleBar | undefined
  return {
    update: (rowsDone, rowsTotal, step) => {
      if (bar === undefined) {
        const format =
          '{bar} {percentage}% | {value}/{total} rows | {rate} rows/s | ETA {eta_formatted} | {step}'
        bar = new progress.SingleBar({ format, stream: process.stderr, clearOnComplete: true })
        bar.start(rowsTotal, 0, { rate: 0, step })
      }
      bar.update(rowsDone, { rate: rate(rowsDone, startedMs), step })
      // Between two indexes the engine blocks this thread, and the bar's own timer with it.
      bar.render()
    },
    end: () => bar?.stop(),
  }
}

function lineProgress(): RowProgress {
  const startedMs = performance.now()
  let shownMs = startedMs
  return {
    update: (rowsDone, rowsTotal, step) => {
      const nowMs = performance.now()
      if (nowMs - shownMs < linePauseMs) return
      shownMs = nowMs
      const left = (((nowMs - startedMs) / Math.max(1, rowsDone)) * (rowsTotal - rowsDone)) / 1000
      process.stderr.write(
        `${rowsDone} of ${rowsTotal} rows, ${rate(rowsDone, startedMs)} rows/s, ETA ${Math.ceil(left)} s (${step})\n`,
      )
    },
    end: () => undefined,
  }
}
