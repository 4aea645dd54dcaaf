/** Proofs that leave the house: one entry for a stranger, one state of the log that continues another; and checkpoints that prove silence. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/domain/fault.js';
import { checkProof } from '../../src/engine/audit/verify-proof.js';
import { logKeyOf } from '../../src/engine/checkpoint.js';
import { formatVerifierKey, parseVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { parseProof } from '../../src/ledger/tlog-proof.js';
import { parseSubmission } from '../../src/ledger/witness.js';
import { logSigner } from '../ledger/fixtures/log-key.js';
import { cli } from '../support/cli.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';
import { startWitness, stopWitnesses, type RunningWitness } from '../support/witness.js';

let base: Tiny;
let logKey = '';
let witness: RunningWitness;
const sizeOf = (one: Tiny) => one.withSession(async ({ store, chain }) => (await store.head(chain))?.size ?? 0, false);
const checkpointsOf = (one: Tiny) => one.withSession(async ({ store, chain }) => (await store.checkpoints(chain)).map(({ size }) => size), false);
const empty = mkdtempSync(join(tmpdir(), 'agentctl-stranger-'));
beforeAll(async () => {
  base = await tiny();
  await base.run('identity', 'register');
  logKey = await base.withSession((session) => logKeyOf(session), false);
  witness = await startWitness([logKey]);
  await base.run('audit', 'checkpoint', { witness: witness.url, witnessKey: witness.key });
  await base.run('identity', 'key issue');
}, 60_000);
afterAll(async () => {
  await stopWitnesses();
  removeTinies();
  rmSync(empty, { recursive: true });
});

describe('8.4 audit prove, and audit verify --proof for a stranger', () => {
  /** Somebody with the file and nothing else: no agent.yaml, no store, no key. */
  const stranger = () => base.in({ surroundings: { ...base.world.surroundings, cwd: empty, configFolder: empty } });
  const check = (file: string, ...trust: string[]) => stranger().run('audit', 'verify', { proof: file, trust });
  const proofOf = async (seq: number): Promise<string> => {
    const file = join(empty, `${seq}.tlog-proof`);
    await base.run('audit', 'prove', { out: file }, [String(seq)]);
    return file;
  };

  test('every entry that a checkpoint covers is proven, the first one too', async () => {
    const size = await sizeOf(base);
    for (let seq = 0; seq < size; seq += 1) {
      const answer = await check(await proofOf(seq), logKey);
      expect([answer.exit, (answer.data['entry'] as { seq: number }).seq, answer.headline]).toEqual([0, seq, expect.stringMatching(`^entry ${seq} is in the log tiny-cooperative/`)]);
    }
  });

  test('a real process in an empty folder says yes', async () => {
    const file = await proofOf(1);
    const { exit, stdout } = await cli(['audit', 'verify', '--proof', file, '--trust', logKey, witness.key], { cwd: empty, env: { HOME: empty, AGENTCTL_CONFIG_DIR: empty, STILL_NOW: '2026-11-22T12:00:00.000Z', STILL_SEED: 'stranger' } });
    expect([exit, stdout]).toEqual([0, expect.stringContaining('entry 1 is in the log')]);
  });

  test('the file is private, lies in the working folder, and holds what the witness signed', async () => {
    const answer = await base.run('audit', 'prove', {}, ['1']);
    const file = base.path('entry-1.tlog-proof');
    expect([answer.exit, statSync(file).mode & 0o777, answer.data['witnesses'], answer.facts.find(({ label }) => label === 'log key')?.value]).toEqual([0, 0o600, ['agentctl-witness'], logKey]);
    expect(parseProof(readFileSync(file, 'utf8'), 'p').checkpoint.match(/^\u2014 /gm)).toHaveLength(2);
    // What no witness has seen yet is proven by the newest checkpoint alone.
    expect((await base.run('audit', 'prove', { out: join(empty, 'x') }, [String((await sizeOf(base)) - 1)])).data['witnesses']).toEqual([]);
    rmSync(file);
  });

  test('yes only for keys that the reader named: log and witness, each on the line or in a file', async () => {
    const file = await proofOf(1);
    expect(await check(file)).toMatchObject({ exit: 3, headline: expect.stringContaining('you have not said whom you trust') });
    expect(await check(file, formatVerifierKey('another.example', logSigner(1).publicKey))).toMatchObject({ exit: 3, headline: expect.stringContaining('no key that you trust has signed') });
    expect(await check(file, witness.key)).toMatchObject({ exit: 3, headline: expect.stringContaining('no key that you trust has signed') });
    const keys = join(empty, 'keys.txt');
    writeFileSync(keys, `# log and witness\n${logKey}\n\n${witness.key}\n`);
    const both = await check(file, keys);
    expect([both.exit, both.facts.find(({ label }) => label === 'signed')?.value]).toEqual([0, expect.stringMatching(/^tiny-cooperative\/\S+, agentctl-witness at 2026-11-22 12:00 UTC$/)]);
    const unseen = join(empty, 'unseen');
    await base.run('audit', 'prove', { out: unseen }, [String((await sizeOf(base)) - 1)]);
    expect(await check(unseen, logKey, witness.key)).toMatchObject({ exit: 3, headline: expect.stringContaining('the witness agentctl-witness does not vouch for it') });
    // The name of the log with somebody else's key is the key of somebody else.
    expect(await check(file, formatVerifierKey(logKey.split('+')[0] ?? '', logSigner(1).publicKey))).toMatchObject({ exit: 3 });
  });

  test('prints the entry', async () => {
    const { facts, tables } = await check(await proofOf(1), logKey);
    const entry = await base.withSession(({ store, chain }) => store.read(chain, 1), false);
    expect(facts.find(({ label }) => label === 'entry')?.value).toBe(`1, ${entry?.entry.type}, 2026-11-22 12:00 UTC`);
    expect(tables?.[0]?.rows.map(([name]) => name)).toEqual(Object.keys(entry?.entry.data ?? {}));
    expect(tables?.[0]?.rows).toContainEqual(['agentDid', entry?.entry.data['agentDid']]);
  });

  test('twin: no byte of it can be changed and still be a yes', async () => {
    const file = readFileSync(await proofOf(1));
    const keys = [logKey, witness.key].map(parseVerifierKey);
    const exits = new Map<string, number>();
    for (let at = 0; at < file.length; at += 1) {
      const bytes = Buffer.from(file);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const end = await checkProof(bytes.toString(), 'bent', keys).then(({ exit }) => exit, (cause: unknown) => (cause instanceof Fault ? cause.exit : 70));
      exits.set(String(end), (exits.get(String(end)) ?? 0) + 1);
    }
    expect([...exits.keys()].filter((exit) => !['2', '3', '4'].includes(exit))).toEqual([]);
    expect(exits.get('4')).toBeGreaterThan(file.length / 2);
  });

  test('twin: another entry, place, path or signature is exit 4', async () => {
    const text = readFileSync(await proofOf(2), 'utf8');
    const other = readFileSync(await proofOf(1), 'utf8');
    const bent = join(empty, 'bent');
    const extra = (file: string) => /extra \S+/.exec(file)?.[0] ?? '';
    const changes: readonly (readonly [string, string])[] = [
      ['DIGEST_MISMATCH', text.replace(extra(text), extra(other))],
      ['DIGEST_MISMATCH', text.replace('index 2', 'index 1')],
      ['DIGEST_MISMATCH', text.replace(/(index 2\n)\S+\n/, '$1')],
      ['SIGNATURE_INVALID', text.replace(/(?<=\n\u2014 tiny-cooperative\S+ \S{30})\S/, (letter) => (letter === 'A' ? 'B' : 'A'))],
    ];
    for (const [code, changed] of changes) {
      expect(changed).not.toBe(text);
      writeFileSync(bent, changed);
      expect(await stranger().fault('audit', 'verify', { proof: bent, trust: [logKey] })).toMatchObject({ code, exit: 4 });
    }
    writeFileSync(bent, text.replace(/extra \S+\n/, ''));
    expect(await stranger().fault('audit', 'verify', { proof: bent, trust: [logKey] })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
    expect(await stranger().fault('audit', 'verify', { proof: join(empty, 'nowhere') })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3 });
    expect(await base.fault('audit', 'verify', { trust: [logKey] })).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  test('what is not there, or not covered yet, cannot be proven', async () => {
    expect(await base.fault('audit', 'prove', {}, ['999'])).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringContaining('there is no entry 999') });
    for (const word of ['-1', '01', 'last', '9007199254740993']) expect(await base.fault('audit', 'prove', {}, [word])).toMatchObject({ code: 'USAGE', exit: 2 });
  });
});

describe('8.2 8.4 audit consistency', () => {
  test('one size continues another, one checkpoint another, in any mixture; the file is what a witness takes', async () => {
    const one = base.copy();
    const [first = 0, ...rest] = await checkpointsOf(one);
    const last = rest.at(-1) ?? 0;
    const out = join(empty, 'proof');
    for (const [old, now] of [[String(first), String(last)], [String(first + 1), 'artifacts/checkpoint.txt'], ['artifacts/checkpoint.txt', 'artifacts/checkpoint.txt']] as const) {
      const answer = await one.run('audit', 'consistency', { out }, [old, now]);
      expect([answer.exit, answer.headline]).toEqual([0, expect.stringMatching(/^the log over \d+ entries continues the one over \d+$/)]);
      expect(parseSubmission(readFileSync(out, 'utf8'), 'proof')).toMatchObject({ old: answer.data['old'], note: readFileSync(one.path('artifacts/checkpoint.txt'), 'utf8') });
    }
    expect((await one.run('audit', 'consistency', {}, [String(first), String(last)])).tables?.[0]?.rows.length).toBeGreaterThan(0);
  });

  test('twin: two signed checkpoints that do not agree are a fork: exit 4, whoever holds the ledger', async () => {
    const [one, other] = [base.copy(), base.copy()];
    for (const copy of [one, other]) await copy.run('identity', 'key issue');
    await other.run('identity', 'key issue');
    const at = await sizeOf(one);
    const mine = join(empty, 'mine');
    const theirs = join(empty, 'theirs');
    writeFileSync(mine, readFileSync(one.path('artifacts/checkpoint.txt')));
    const note = await other.withSession(async ({ store, chain }) => (await store.checkpoints(chain)).find(({ size }) => size === at)?.note ?? '', false);
    writeFileSync(theirs, note);
    expect(await one.fault('audit', 'consistency', {}, [mine, theirs])).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, message: expect.stringContaining('forked') });
    expect(await one.fault('audit', 'consistency', {}, ['2', theirs])).toMatchObject({ exit: 4, message: expect.stringContaining('forked') });
    writeFileSync(theirs, readFileSync(other.path('artifacts/checkpoint.txt')));
    expect(await one.fault('audit', 'consistency', {}, [mine, theirs])).toMatchObject({ exit: 4, message: expect.stringContaining('the tail was cut') });
    writeFileSync(theirs, await signCheckpointNote({ origin: logKey.split('+')[0] ?? '', size: 2, root: '0'.repeat(64) }, logSigner(1)));
    expect(await one.fault('audit', 'consistency', {}, [theirs, mine])).toMatchObject({ code: 'SIGNATURE_INVALID', exit: 4 });
  });

  test.each([['0', '2'], ['2', '1'], ['1', '999'], ['nowhere', '2']])('%s %s is asked wrongly', async (old, now) => {
    expect(await base.fault('audit', 'consistency', {}, [old, now])).toMatchObject({ code: 'USAGE', exit: 2 });
  });
});

describe('8.2 checkpoints in between and in idle times', () => {
  test('silence is provable: idle checkpoints are signed when the newest is old enough, and the longest span is told', async () => {
    const one = base.copy();
    const before = await sizeOf(one);
    expect(await one.run('audit', 'checkpoint', { every: 'P1D' })).toMatchObject({ exit: 0, headline: expect.stringContaining('nothing to do') });
    one.clock.set('2026-11-23T11:59:59.000Z');
    await one.run('audit', 'checkpoint', { every: 'P1D' });
    expect(await sizeOf(one)).toBe(before);
    one.clock.set('2026-11-24T15:00:00.000Z');
    await one.run('audit', 'checkpoint', { every: 'P1D' });
    expect((await one.entries('audit.checkpointed')).at(-1)).toMatchObject({ ts: '2026-11-24T15:00:00.000Z', data: { size: before } });
    const { facts, data } = await one.run('audit', 'verify');
    expect(facts.find(({ label }) => label === 'silence')?.value).toBe('at most 2 days 3 hours between two checkpoints, from 2026-11-22 12:00 UTC to 2026-11-24 15:00 UTC');
    expect(data['silence']).toEqual({ from: '2026-11-22T12:00:00.000Z', to: '2026-11-24T15:00:00.000Z', milliseconds: 51 * 3_600_000 });
    expect(await one.fault('audit', 'checkpoint', { every: 'daily' })).toMatchObject({ exit: 2 });
  });

  test('a long run signs in between when it takes long, and none when it does not', async () => {
    const one = base.copy();
    await one.run('pact', 'sign', { as: 'erin' });
    const slow = one.copy();
    const before = (await checkpointsOf(one)).length;
    await one.run('baseline', 'run');
    expect((await checkpointsOf(one)).length).toBe(before + 1);
    // Two hours pass while the cases are asked.
    let calls = 0;
    await slow.in({ clock: { now: () => slow.clock.now(), sleep: (time) => slow.clock.sleep(time), monotonic: () => (calls += 1) + (calls > 20 ? 2 * 3_600_000 : 0) } }).run('baseline', 'run');
    expect((await checkpointsOf(slow)).length).toBe(before + 2);
    expect((await slow.run('audit', 'verify')).exit).toBe(0);
  }, 30_000);
});
