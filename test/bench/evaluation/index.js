/** Evaluation: what the runner adds to asking, what the whole command takes, and that memory and time per case do not grow with the data set. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { commandFigures } from './command.js';
import { peerFigures } from './peers.js';
import { runnerFigures } from './runner.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ROWS = 100_000;
/** A tenth of them must be well beyond the short data set. */
const FEWEST_ROWS = 20_000;

/** @param rows cases of the long data set @param peers install and measure promptfoo too @param say tells what is going on, or left out */
export async function evaluation({ rows = ROWS, peers = false, say }) {
  if (rows < FEWEST_ROWS) throw new Error(`--rows ${rows}: at least ${FEWEST_ROWS}`);
  const scratch = mkdtempSync(join(tmpdir(), 'agentctl-bench-'));
  try {
    const runner = await runnerFigures(await import(pathToFileURL(bundled()).href));
    const command = await commandFigures(scratch, rows, say);
    if (!peers) say('left out: promptfoo (--peers installs it into a scratch folder: about 1.4 GB)');
    return [...runner, ...command, ...(peers ? await peerFigures(scratch, say) : [])];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns path of the bundle, inside the package so that its packages are found */
function bundled() {
  const folder = join(ROOT, 'node_modules', '.cache', 'agentctl-bench');
  mkdirSync(folder, { recursive: true });
  const out = join(folder, 'evaluation.mjs');
  execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), ['test/bench/evaluation/parts.ts', `--outfile=${out}`, '--bundle', '--format=esm', '--platform=node', '--target=node20', '--external:ajv', '--external:execa', '--log-level=warning'], { cwd: ROOT });
  return out;
}
