#!/usr/bin/env node
/** Doorbell: rings the program and passes on its exit code. */
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program)) {
  const { main } = await import(program.href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write('agentctl is not built: run npm ci, or npm run build\n');
  process.exitCode = 6;
}
