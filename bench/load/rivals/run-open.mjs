// The engine `open` as `npm run build` made it, in a process of its own: reads a plan, prints the measurement.
import { json } from 'node:stream/consumers'
import { openEngine } from '../../../dist/load/open/open-engine.js'

const plan = await json(process.stdin)
const measurement = await openEngine(plan, { signal: new AbortController().signal, emit: () => undefined })
process.stdout.write(`${JSON.stringify(measurement)}\n`)
