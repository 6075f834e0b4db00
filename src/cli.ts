#!/usr/bin/env node
import { removeLeftovers } from './commands/leftovers.ts'
import { runToEnd } from './commands/outcome.ts'
import { program } from './commands/program.ts'

void runToEnd(async () => {
  await removeLeftovers()
  await (await program(process.argv[2])).parseAsync(process.argv)
})
