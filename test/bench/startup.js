/** Start-up: whole processes, in turn with a bare node, so that a noisy machine slows both. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const ROUNDS = 15;
const AGENTCTL = fileURLToPath(new URL('../../bin/agentctl.js', import.meta.url));
const CERTIFICATE = 'artifacts/certificate.dsse.json';
const DEMO = fileURLToPath(new URL('../../examples/mail-triage/demo.js', import.meta.url));

export async function startup() {
  const folder = process.env.AGENTCTL_BENCH_FOLDER ?? finishedDemo();
  const environment = { ...process.env, AGENTCTL_CONFIG_DIR: `${folder}/.config/agentctl` };
  const cases = {
    'startup.version': ['--version'],
    'startup.status': ['status'],
    'startup.verify': ['verify', '--certificate', CERTIFICATE, '--trust', issuerIn(folder), '--subject', '.', '--allow-scripted'],
  };
  const times = { floor: [], ...Object.fromEntries(Object.keys(cases).map((id) => [id, []])) };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const floor = timed(['-e', '0'], folder, environment);
    if (round > 0) times.floor.push(floor);
    for (const [id, words] of Object.entries(cases)) {
      const taken = timed([AGENTCTL, ...words], folder, environment);
      if (round > 0) times[id].push(taken);
    }
  }
  const floor = median(times.floor);
  return Object.keys(cases).map((id) => {
    const value = median(times[id]);
    return { id, value, unit: 'ms', floor, ratio: value / floor, must: 'floor + 60 ms', ok: value <= floor + 60 };
  });
}

/** The demo, run once: the folder that it names on its last line. */
function finishedDemo() {
  process.stderr.write('running the demo once to have a finished folder (about a minute)\n');
  const { status, stdout } = spawnSync(process.execPath, [DEMO], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] });
  const folder = /^folder: (.+)$/m.exec(stdout)?.[1];
  if (status !== 0 || folder === undefined) throw new Error(`the demo ended with ${status}`);
  return folder;
}

/** Whom the certificate in the folder names as its issuer. */
function issuerIn(folder) {
  const { payload } = JSON.parse(readFileSync(`${folder}/${CERTIFICATE}`, 'utf8'));
  return JSON.parse(Buffer.from(payload, 'base64').toString()).predicate.organisation.did;
}

function timed(words, cwd, env) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, words, { cwd, env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
