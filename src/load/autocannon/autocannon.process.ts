import { serveEngine } from '../open/serve-engine.ts'
import { runAutocannonSender } from './run-sender.ts'

serveEngine(runAutocannonSender)
