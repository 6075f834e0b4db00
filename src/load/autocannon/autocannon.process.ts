import { serveEngine } from '../worker/serve-engine.ts'
import { runAutocannonSender } from './run-sender.ts'

serveEngine(runAutocannonSender)
