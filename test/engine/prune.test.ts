/** `audit prune` on the tiny agent: nothing goes before its time, unsealed or unsigned; what went leaves its hashes, and everything still holds. */
import { renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { yearsLater } from '../../src/ledger/retention.js';
import { prunedBody, tamperWith } from '../support/pruned.js';
import { removeTinies, START, tiny, type Tiny } from '../support/tiny.js';

/** Registered, then six hundred entries that say nothing; four years later a few more, and the old ones sealed. */
let base: Tiny;
beforeAll(async () => {
  base = await tiny();
  for (const verb of ['register', 'key issue', 'verify']) await base.run('identity', verb);
  await fill(base, 600);
  base.clock.set(yearsLater(START, 4));
  for (const verb of ['register', 'key issue', 'verify']) await base.run('identity', verb);
  await base.run('audit', 'seal');
}, 60_000);
afterAll(removeTinies);

async function fill(one: Tiny, size: number): Promise<void> {
  await one.withSession(async ({ store, chain, agent }) => {
    const missing = size - ((await store.head(chain))?.size ?? 0);
    const drafts = Array.from({ length: missing }, (_, n) => ({ type: 'audit.checkpointed', agent, actor: 'agentctl', data: { size: n, root: '0'.repeat(64) }, ...(n === 3 ? { payload: { text: 'Ms Sample, +44 20 7946' } } : {}) }));
    await store.append(chain, drafts);
  });
}

const pruned = (one: Tiny, more: Record<string, string> = {}) => one.run('audit', 'prune', { as: 'erin', ...more });
const exitOfVerify = async (one: Tiny, more: Record<string, string> = {}) => (await one.run('audit', 'verify', more)).exit;

describe('8.3 audit prune', () => {
  test('lets go of whole tiles that have outlived their retention; chain, tables and proofs still hold, from the hashes that stay', async () => {
    const one = base.copy();
    expect(await pruned(one)).toMatchObject({ exit: 0, data: { size: 512, from: 0, segments: 1 } });
    expect(await one.entries('audit.pruned')).toMatchObject([{ data: { size: 512, segments: [{ file: 'segment-0-512.tar' }] } }]);
    await one.withSession(async ({ store, chain }) => {
      expect([(await store.read(chain, 0))?.entry.type, await store.read(chain, 1), await store.read(chain, 511), (await store.read(chain, 512))?.entry.type]).toEqual(['ledger.opened', undefined, undefined, 'audit.checkpointed']);
    }, false);
    expect(await exitOfVerify(one)).toBe(0);
    for (const args of [['600'], ['0']]) expect(await one.run('audit', 'prove', { out: one.path(`entry-${args[0]}.tlog-proof`) }, args)).toMatchObject({ exit: 0 });
    expect(await one.run('audit', 'show', {}, ['520'])).toMatchObject({ exit: 0 });
    for (const verb of ['show', 'prove']) expect(await one.fault('audit', verb, {}, ['5'])).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringMatching(/^the text of entry 5 was pruned: segment-0-\d+\.tar holds it$/) });
    expect(await one.run('audit', 'export', { out: one.path('taken'), since: '2027-01-01' })).toMatchObject({ exit: 0 });
    expect((await one.run('audit', 'export', { out: one.path('rest') })).headline).toMatch(/^\d+ of \d+ entries exported, each with its proof$/);
    expect(await one.fault('audit', 'export', { out: one.path('rest.jsonl') })).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('entries before 512 are pruned') });
    // The work goes on: more entries, another seal, nothing more to prune yet.
    await fill(one, 900);
    expect(await one.run('audit', 'seal')).toMatchObject({ exit: 0, data: { segments: 1, from: 512 } });
    expect(await pruned(one)).toMatchObject({ exit: 0, headline: 'nothing to let go of' });
    expect(await exitOfVerify(one)).toBe(0);
  });

  test('8.5 what their payloads held is gone from every file of the store', async () => {
    const one = base.copy();
    const before = await one.withSession(({ store, chain }) => store.payloads(chain), false);
    await pruned(one);
    expect(before.kept - (await one.withSession(({ store, chain }) => store.payloads(chain), false)).kept).toBe(1);
    expect(prunedBody(one, 100)).toBe('{"pruned":true}');
  });

  test('before their time nothing goes, and what keeps them is named', async () => {
    const one = await tiny();
    await one.run('identity', 'register');
    await fill(one, 300);
    await one.run('audit', 'seal');
    const answer = await pruned(one);
    expect(answer).toMatchObject({ exit: 0, data: { size: 0 } });
    expect(answer.facts[0]?.value).toMatch(/^entry 0 \(ledger\.opened\) is kept until 2029-11-22/);
  });

  test('what something rests on stays, however old', async () => {
    const one = await tiny();
    await one.run('identity', 'register');
    await fill(one, 300);
    one.clock.set(yearsLater(START, 4));
    await one.run('audit', 'seal');
    expect((await pruned(one)).facts[0]?.value).toMatch(/\(identity\.registered\) is still evidence: renew it first$/);
  });

  test('unsealed, or with the sealed file gone or elsewhere, it is refused; named, it is found', async () => {
    const one = base.copy();
    const folder = one.path('.agentctl/sealed', '7d0f6a52-3c1e-4f7b-9a61-2b8e5c4d1f00');
    renameSync(folder, one.path('vault'));
    expect(await one.fault('audit', 'prune', { as: 'erin' })).toMatchObject({ code: 'REFUSED', exit: 1, message: expect.stringContaining('segment-0-512.tar is not there') });
    expect(await pruned(one, { sealed: one.path('vault') })).toMatchObject({ data: { size: 512 } });
    // Nobody says yes about what was not read.
    expect(await exitOfVerify(one)).toBe(3);
    expect(await exitOfVerify(one, { sealed: one.path('vault') })).toBe(0);
    const unsealed = await tiny();
    await unsealed.run('identity', 'register');
    await fill(unsealed, 600);
    unsealed.clock.set(yearsLater(START, 4));
    await unsealed.run('identity', 'register');
    expect(await unsealed.fault('audit', 'prune', { as: 'erin' })).toMatchObject({ code: 'REFUSED', message: 'entry 0 is not sealed', hint: 'agentctl audit seal' });
  });

  test('a human with the role has to sign it', async () => {
    expect(await base.copy().fault('audit', 'prune', { as: 'lena' })).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await base.copy().fault('audit', 'prune')).toMatchObject({ code: 'USAGE' });
  });
});

describe('8.2 sabotage twins', () => {
  test('a text that is gone without a pruning on record: exit 4', async () => {
    const one = base.copy();
    tamperWith(one, (db) => db.prepare("UPDATE entries SET body = '{\"pruned\":true}' WHERE seq = 100").run());
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, message: expect.stringContaining('the text of entry 100 is gone, and no pruning is on record') });
  });

  test('a kept hash that was changed: exit 4', async () => {
    const one = base.copy();
    await pruned(one);
    tamperWith(one, (db) => db.prepare('UPDATE entries SET hash = ? WHERE seq = 100').run('ab'.repeat(32)));
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 4 });
  });

  test('a pruning that nobody signed, or signed for less: exit 4', async () => {
    const one = base.copy();
    await pruned(one);
    await one.withSession(async ({ store, chain, agent }) => {
      const [entry] = await store.readEvidence(chain, 'audit.pruned');
      if (!entry) throw new Error('nothing was pruned');
      await store.append(chain, [{ type: 'audit.pruned', agent, actor: entry.actor, data: { ...entry.data, size: 600 } }]);
    });
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 4, message: expect.stringMatching(/was made for another pruning|is still there/) });
  });

  test('the states that it names are gone: exit 4', async () => {
    const one = base.copy();
    await pruned(one);
    const states = (await one.entries('audit.pruned'))[0]?.data['states'];
    tamperWith(one, (db) => db.prepare('DELETE FROM blobs WHERE digest = ?').run(states));
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'STORE_TAMPERED', exit: 4 });
  });

  test('interrupted between the entry and the deed: found, and finished by the same command', async () => {
    const one = base.copy();
    const cut = one.in({ stores: { ...one.world.stores, open: async (...words) => Object.assign(await one.world.stores.open(...words), { prune: () => Promise.reject(new Error('killed')) }) } });
    await expect(cut.run('audit', 'prune', { as: 'erin' })).rejects.toThrow('killed');
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 4, message: expect.stringContaining('agentctl audit prune finishes it') });
    expect(await pruned(one)).toMatchObject({ exit: 0, headline: 'nothing to let go of' });
    expect(await exitOfVerify(one)).toBe(0);
  });
});
