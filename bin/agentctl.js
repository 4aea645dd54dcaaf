#!/usr/bin/env node
/** Doorbell: rings the program and passes on its exit code. CommonJS (see package.json here), which starts quicker. */
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

ring(process.argv.slice(2)).then((exit) => { process.exitCode = exit; });

async function ring(words) {
  if (!existsSync(join(__dirname, '../dist/main.js'))) {
    process.stderr.write('agentctl is not built: run npm ci, or npm run build\n');
    return 6;
  }
  // What was asked most often, from a small file of its own, if it knows the answer.
  const answered = ['status', '--version', '-V'].includes(words[0]) ? await require('../dist/quick.cjs').quick(words) : undefined;
  if (answered !== undefined) return answered;
  const { main } = await import('../dist/main.js');
  return main(words);
}
