/** One command as the machine sees it: wall clock, and the most memory that it and all its descendants had resident at once. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const EVERY = 20;
const MEGABYTE = 1024 * 1024;
/** Bytes of a page; 4096 on every Linux that a bench runs on here. */
const PAGE = 4096;

/** @returns milliseconds, megabytes (the sum of the resident sets, so a page that two processes share counts twice), what was printed. The same way for everybody. */
export async function observed([command, args, options], expected = [0]) {
  const start = performance.now();
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [most, said] = [0, ''];
  const sampling = setInterval(() => { most = Math.max(most, residentOf(child.pid)); }, EVERY);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => { said += chunk; });
  const [exit] = await new Promise((resolve, reject) => child.once('error', reject).once('close', (...ending) => resolve(ending)));
  clearInterval(sampling);
  const wall = performance.now() - start;
  if (!expected.includes(exit)) throw new Error(`${[command, ...args].join(' ')} ended with ${exit}: ${said.slice(-2000)}`);
  return { wall, memory: most / MEGABYTE, said };
}

/** Bytes. A process that ends meanwhile has none. */
function residentOf(pid) {
  try {
    const own = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE;
    return childrenOf(pid).reduce((sum, child) => sum + residentOf(child), own);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    return 0;
  }
}

/** Each thread has the children that it made. */
function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter((one) => one !== ''));
}
