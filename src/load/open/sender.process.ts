import { runSender } from './run-sender.ts'
import { serveEngine } from '../worker/serve-engine.ts'
import { warmSender } from './warm-sender.ts'

serveEngine(async (task, engine) => {
  await warmSender()
  return runSender(task, engine)
})
