import { outsideLine } from '../core/outside-text.ts'
import type { EngineEvent } from '../engine/experiment/event.ts'

const clearLine = '\r\u001b[2K'

/**
 * Shows what the engine does on stderr: one line that changes on a terminal, a line a step elsewhere. Returns the
 * listener and a function that clears the line before other output.
 */
export function runProgress(
  stream: NodeJS.WriteStream,
  nowMs: () => number,
): { readonly listen: (event: EngineEvent) => void; readonly end: () => void } {
  const startMs = nowMs()
  const live = stream.isTTY && process.env['CI'] === undefined
  let lastText = ''
  let lastTenth = -1
  const elapsed = (): string => {
    const seconds = Math.round((nowMs() - startMs) / 1000)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
  const show = (given: string): void => {
    const text = outsideLine(given)
    if (text === lastText) return
    lastText = text
    stream.write(live ? `${clearLine}${elapsed()}  ${text}` : `${elapsed()}  ${text}\n`)
  }
  const listen = (event: EngineEvent): void => {
    switch (event.kind) {
      case 'scenario':
        return show(`${event.id}: ${event.title}`)
      case 'seeding': {
        const tenth = Math.floor((10 * event.rowsDone) / event.rowsTotal)
        if (!live && tenth === lastTenth) return
        lastTenth = tenth
        return show(
          `seeding ${event.rowsDone.toLocaleString('en')} of ${event.rowsTotal.toLocaleString('en')} rows`,
        )
      }
      case 'step':
        return show(`${event.scenario}: ${event.step}`)
      case 'progress':
        return show(`${event.scenario}: ${event.step} ${event.done}/${event.total}`)
      case 'warning':
        stream.write(
          `${live ? clearLine : ''}warning: ${outsideLine(`${event.scenario}: ${event.message}`)}\n`,
        )
        lastText = ''
    }
  }
  return { listen, end: () => void (live && stream.write(clearLine)) }
}
