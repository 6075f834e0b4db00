import { outsideLine } from '../../core/outside-text.ts'
import type { LoadEvent } from '../../load/engine.ts'

const clearLine = '\r\u001b[2K'

/**
 * Shows on stderr how a load goes: one line that changes on a terminal, a line a second elsewhere. Returns the listener
 * and a function that clears the line before other output.
 */
export function loadProgress(
  stream: NodeJS.WriteStream,
  totalSeconds: number,
): { readonly listen: (event: LoadEvent) => void; readonly end: () => void } {
  const live = stream.isTTY && process.env['CI'] === undefined
  let lastTenth = -1
  const show = (text: string): void =>
    void stream.write(live ? `${clearLine}${outsideLine(text)}` : `${outsideLine(text)}\n`)
  const listen = (event: LoadEvent): void => {
    switch (event.kind) {
      case 'step': {
        const { text, done, total } = event
        if (done === undefined || total === undefined) return show(text)
        const tenth = Math.floor((10 * done) / total)
        if (!live && tenth === lastTenth) return
        lastTenth = tenth
        return show(`${text}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`)
      }
      case 'second': {
        const { second, sent, answered, failed, p95Ns } = event
        const p95 = p95Ns === null ? '' : `, P95 ${(p95Ns / 1e6).toFixed(1)} ms`
        return show(
          `${String(Math.min(second + 1, Math.ceil(totalSeconds))).padStart(4)} of ${Math.ceil(totalSeconds)} s: ${sent.toLocaleString('en')} sent, ${answered.toLocaleString('en')} answered, ${failed.toLocaleString('en')} failed${p95}`,
        )
      }
      case 'warning':
        stream.write(`${live ? clearLine : ''}warning: ${outsideLine(event.text)}\n`)
    }
  }
  return { listen, end: () => void (live && stream.write(clearLine)) }
}
