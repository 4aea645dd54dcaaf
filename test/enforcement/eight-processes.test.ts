/** 4.2: eight processes, one limit, two of them killed in the worst places. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { systemClock, systemRandom } from '../../src/adapters/system.js';
import { openIntents } from '../../src/enforcement/activity.js';
import { enforcementProjections } from '../../src/enforcement/projections.js';
import { CHAIN } from './fixture.js';

const here = dirname(fileURLToPath(import.meta.url));
const DIES = ['after-reserving', 'after-paying', 'never', 'never', 'never', 'never', 'never', 'never'];

function start(worker: string, folder: string, name: string, dies: string) {
  const child = spawn(process.execPath, [worker, folder, name, dies], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const ready = new Promise<void>((done) => child.stdout.on('data', (data) => { stdout += String(data); done(); }));
  child.stderr.on('data', (data) => { stderr += String(data); });
  const ended = new Promise<{ signal: string | null; code: number | null; stdout: string; stderr: string }>((done) => child.on('close', (code, signal) => done({ code, signal, stdout, stderr })));
  return { ready: Promise.race([ready, ended.then(() => undefined)]), go: () => child.stdin.write('go\n'), ended };
}

test('4.2 eight processes spend exactly the limit, also when two are killed between reserve and post', async () => {
  const cache = join(resolve(here, '../..'), 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const bundle = await mkdtemp(join(cache, 'pay-'));
  const folder = await mkdtemp(join(tmpdir(), 'agentctl-eight-'));
  try {
    const worker = join(bundle, 'worker.mjs');
    await build({ entryPoints: [join(here, 'pay-worker.ts')], outfile: worker, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'silent' });
    const store = await sqliteStores({ clock: systemClock(), random: systemRandom(), projections: enforcementProjections }).open(folder, { readonly: false });
    const workers = DIES.map((dies, index) => start(worker, folder, `w${index}`, dies));
    await Promise.all(workers.map(({ ready }) => ready));
    for (const { go } of workers) go();
    const ends = await Promise.all(workers.map(({ ended }) => ended));
    expect(ends.map(({ stderr }) => stderr).join('')).toBe('');
    expect(ends.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', null, null, null, null, null, null]);

    const reservations = [...(await store.projection(CHAIN, 'reservations')).values()].filter(({ state }) => state !== 'voided');
    const sum = reservations.reduce((total, { amount }) => total + BigInt(String(amount)), 0n);
    expect(sum).toBe(6000n);
    expect(reservations.filter(({ state }) => state === 'held')).toHaveLength(2);
    expect((await readFile(join(folder, 'paid'), 'utf8')).split('\n').length - 1).toBe(59);
    const entries = [...(await store.readEvidence(CHAIN, 'action.intent')), ...(await store.readEvidence(CHAIN, 'action.recorded'))];
    expect(openIntents(entries).map(({ data }) => data['action'])).toEqual(['w1-2']);
    const problems = [];
    for await (const problem of store.audit(CHAIN)) problems.push(problem);
    expect(problems).toEqual([]);
    await store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(bundle, { recursive: true, force: true });
  }
}, 60_000);
