#!/usr/bin/env node
/** Doorbell: rings the program and passes on its exit code. CommonJS (see package.json here), which starts quicker. */
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { load } = require('./compiled.js');

ring(process.argv.slice(2)).then((exit) => { process.exitCode = exit; });

async function ring(words) {
  const missing = lacking();
  if (missing !== undefined) {
    process.stderr.write(`${missing}\n`);
    return 6;
  }
  const quick = quickFor(words);
  const answered = quick === undefined ? undefined : await load(`${quick}.cjs`).quick(words);
  if (answered !== undefined) return answered;
  return load('main.cjs').main(words);
}

/** What the program cannot begin without. */
function lacking() {
  if (!existsSync(join(__dirname, '../dist/main.cjs'))) return 'agentctl is not built: run npm ci, or npm run build';
  try {
    process.cwd();
    return undefined;
  } catch {
    return 'the folder that this was started in does not exist any more: change to another one';
  }
}

/** What is asked most often comes from a small file of its own, if that knows the answer. */
function quickFor(words) {
  if (['status', '--version', '-V'].includes(words[0])) return 'quick';
  return words[0] === 'verify' && words.includes('--certificate') ? 'quick-verify' : undefined;
}
