#!/usr/bin/env node
import { runToEnd } from './commands/outcome.ts'
import { program } from './commands/program.ts'

void runToEnd(async () => {
  await (await program(process.argv[2])).parseAsync(process.argv)
})
