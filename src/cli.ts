#!/usr/bin/env node
process.stdout.write('forgebench\n')
