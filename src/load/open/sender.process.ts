import { runSender } from './run-sender.ts'
import { serveEngine } from './serve-engine.ts'

serveEngine(runSender)
