/** Bundles the parts of the program that are measured, beside the thread script that the build made. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Inside the package, so that better-sqlite3 is found from it. */
const FOLDER = join(ROOT, 'node_modules', '.cache', 'agentctl-bench');

/** @returns path of the bundle */
export function bundleParts() {
  mkdirSync(FOLDER, { recursive: true });
  const out = join(FOLDER, 'parts.js');
  execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), ['test/bench/ledger/parts.ts', `--outfile=${out}`, '--bundle', '--format=esm', '--platform=node', '--target=node20', '--external:better-sqlite3', '--log-level=warning'], { cwd: ROOT });
  copyFileSync(join(ROOT, 'dist', 'verify-thread.cjs'), join(FOLDER, 'verify-thread.cjs'));
  return out;
}
