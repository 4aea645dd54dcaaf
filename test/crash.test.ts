/** SIGKILL at twenty random points of `apply`, and two `apply` at once: nothing acknowledged is lost or counted twice. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projections } from '../src/adapters/projections.js';
import { sqliteStores } from '../src/adapters/sqlite-store.js';
import { systemClock, systemRandom } from '../src/adapters/system.js';
import type { StepView } from '../src/domain/report.js';
import { verifySignature } from '../src/identity/ed25519-verify.js';
import { verifyLedger } from '../src/ledger/flow/verify-ledger.js';
import { clearDesks, type Answer, type Desk } from './support/cli.js';
import { blobText, rowsOf, storeFolder, type Row } from './support/ledger-file.js';
import { parallel } from './support/parallel.js';
import { desk } from './support/stages.js';

const SEED = 'twenty crashes';
/** Enough for two batches, so that a run can be cut off between them. */
const CASES = 1232;

let before: Desk;
let after: Desk;
let whole: { readonly answer: Answer; readonly milliseconds: number };
let undisturbed: readonly Row[];

/** Gives a data set another size, its notes told apart by a number, and agent.yaml the digest that goes with it. */
function resize(at: Desk, name: string, size: number): void {
  const lines = at.read('data', `${name}.jsonl`).trimEnd().split('\n').map((line) => JSON.parse(line) as { id: string; input: { text: string } });
  const chosen = Array.from({ length: size }, (_, n) => ({ one: lines[n % lines.length], n }))
    .map(({ one, n }) => JSON.stringify({ ...one, id: `${one?.id}-${n}`, input: { ...one?.input, text: `${one?.input.text} of ${n}` } }));
  const text = `${chosen.join('\n')}\n`;
  writeFileSync(at.path('data', `${name}.jsonl`), text);
  at.edit('agent.yaml', (manifest) => manifest.replace(new RegExp(`(data/${name}\\.jsonl, sha256: "sha256:)[0-9a-f]+`), `$1${createHash('sha256').update(text).digest('hex')}`));
}

async function apply(at: Desk): Promise<{ answer: Answer; milliseconds: number }> {
  const started = performance.now();
  return { answer: await at.run(['apply']), milliseconds: performance.now() - started };
}

/** Numbers in [0, 1) that follow from a seed, so that a failure can be repeated. */
function chances(seed: string, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => createHash('sha256').update(`${seed} ${n}`).digest().readUInt32BE() / 2 ** 32);
}

beforeAll(async () => {
  before = await desk('bare', SEED);
  resize(before, 'held-out', CASES);
  await before.expect(0, 'pact', 'sign', '--as', 'erin', '--yes');
  const once = before.copy('once');
  whole = await apply(once);
  undisturbed = rowsOf(once);
  after = await desk('bare', SEED);
  // Each action of the pilot runs a tool, a process of its own: a few are enough to be killed in.
  resize(after, 'pilot', 8);
  await after.expect(0, 'pact', 'sign', '--as', 'erin', '--yes');
  await after.run(['apply']);
  await after.expect(0, 'baseline', 'accept', '--as', 'erin', '--yes');
}, 600_000);
afterAll(clearDesks);

const typesOf = (rows: readonly Row[]) => rows.map((row) => row.entry.type);
const countOf = (rows: readonly Row[], type: string) => typesOf(rows).filter((one) => one === type).length;
const dataOf = (rows: readonly Row[], type: string) => rows.filter((row) => row.entry.type === type).map((row) => row.entry.data);

async function killedAfter(at: Desk, milliseconds: number): Promise<Answer> {
  return at.run(['apply'], { started: (child) => void setTimeout(() => child.kill(), milliseconds) });
}

describe('SIGKILL of apply', () => {
  test('8.2 at twelve points before the launch: what was acknowledged stays, every case counts once, one key, one baseline run', async () => {
    expect(whole.answer.exit).toBe(5);
    const points = chances(SEED, 12).map((chance) => Math.round(60 + chance * whole.milliseconds));
    await parallel(points, async (point, index) => {
      const at = before.copy(`killed ${index}`);
      const killed = await killedAfter(at, point);
      const where = `seed "${SEED}" ${index}, killed after ${point} of ${Math.round(whole.milliseconds)} ms, exit ${killed.exit}`;
      const durable = rowsOf(at);
      const { answer } = await apply(at);
      const rows = rowsOf(at);
      expect([where, answer.exit]).toEqual([where, whole.answer.exit]);
      expect([where, rows.slice(0, durable.length)]).toEqual([where, durable]);
      // The same work was done, as often as without the crash.
      expect([where, typesOf(rows).sort()]).toEqual([where, typesOf(undisturbed).sort()]);
      const batches = dataOf(rows, 'evaluation.batch');
      const ids = batches.flatMap((data) => blobText(at, data['results']).trimEnd().split('\n')).map((line) => (JSON.parse(line) as { case: string }).case);
      expect([where, ids.length, new Set(ids).size]).toEqual([where, CASES, CASES]);
      expect([where, new Set(batches.map((data) => data['run'])).size]).toEqual([where, 1]);
      expect([where, await problemsOf(at)]).toEqual([where, []]);
      const [key] = dataOf(rows, 'key.issued');
      expect([where, existsSync(at.path('.agentctl/keys', `${String(key?.['keyId'])}.token`))]).toEqual([where, true]);
    });
  }, 600_000);

  test('8.2 8.6 at eight points after the baseline: the drills of guardrails, monitor, rollback and audit are finished by the next apply', async () => {
    const once = after.copy('once');
    const { answer: expected, milliseconds } = await apply(once);
    const states = await statesOf(once);
    const points = chances(`${SEED}, later`, 8).map((chance) => Math.round(60 + chance * milliseconds));
    await parallel(points, async (point, index) => {
      const at = after.copy(`killed later ${index}`);
      const killed = await killedAfter(at, point);
      const where = `seed "${SEED}, later" ${index}, killed after ${point} of ${Math.round(milliseconds)} ms, exit ${killed.exit}`;
      const durable = rowsOf(at);
      // Past the time that any tool may run, an action that was begun and not ended is on record as unknown.
      at.wait('PT20M');
      const { answer } = await apply(at);
      const rows = rowsOf(at);
      expect([where, answer.exit]).toEqual([where, expected.exit]);
      expect([where, rows.slice(0, durable.length)]).toEqual([where, durable]);
      const actions = (type: string) => dataOf(rows, type).filter((data) => type === 'action.intent' || data['outcome'] !== 'not-run').map((data) => String(data['action'])).sort();
      expect([where, actions('action.recorded')]).toEqual([where, [...new Set(actions('action.intent'))]]);
      expect([where, await statesOf(at)]).toEqual([where, states]);
      for (const type of ['baseline.accepted', 'key.issued', 'snapshot.taken']) expect([where, type, countOf(rows, type)]).toEqual([where, type, 1]);
    });
  }, 600_000);
});

/** What a full check of the ledger file finds: every byte of the chain, every other table against it. */
async function problemsOf(at: Desk): Promise<readonly unknown[]> {
  const store = await sqliteStores({ clock: systemClock(), random: systemRandom(), projections }).open(storeFolder(at), { readonly: true });
  try {
    const [chain = ''] = await store.chains();
    const found: unknown[] = [];
    for await (const problem of store.audit(chain)) found.push(problem);
    const verified = await verifyLedger(store, chain, { verifySignature, extent: 'every byte', deep: true });
    return verified.ok ? found : [verified, ...found];
  } finally {
    await store.close();
  }
}

async function statesOf(at: Desk): Promise<readonly string[]> {
  const { report } = await at.json('status');
  return (report['steps'] as readonly StepView[]).map((step) => `${step.id} ${step.state}`);
}

test('two apply at once: one works, the other exits 6 and says who holds the lock', async () => {
  const at = before.copy('two');
  let first = 0;
  const working = at.run(['apply'], { started: (child) => (first = child.pid) });
  const note = at.path('.agentctl/lock.json');
  while (!existsSync(note)) await new Promise((done) => { setTimeout(done, 5); });
  expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ pid: first, purpose: 'apply' });
  const second = await at.run(['apply']);
  expect(second).toEqual({ exit: 6, stdout: '', stderr: expect.stringContaining(`STORE_LOCKED: the store is locked by process ${first} (apply)`) });
  expect((await working).exit).toBe(whole.answer.exit);
  // The lock went with its holder.
  expect((await at.run(['apply'])).exit).toBe(whole.answer.exit);
}, 60_000);
