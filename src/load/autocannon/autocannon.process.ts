import { serveEngine } from '../worker/serve-engine.ts'
import { runAutocannonSender } from './run-autocannon-sender.ts'

serveEngine(runAutocannonSender)
