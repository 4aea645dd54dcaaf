/** Step 8's verbs on the tiny agent: what the log says of itself, what an auditor takes along, and what a witness outside betrays. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import { openCheckpointNote, parseVerifierKey } from '../../src/ledger/checkpoint.js';
import { verifySignature } from '../../src/identity/ed25519-verify.js';
import { apply } from '../../src/engine/apply.js';
import { erasureSubject } from '../../src/engine/audit/destructions.js';
import { bound } from '../../src/engine/as-of.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { computeStates } from '../../src/engine/states.js';
import { attestationOf, performAct } from '../../src/engine/human-act.js';
import { record } from '../../src/engine/session.js';
import { gateTime } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import { stepById } from '../../src/steps/index.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await accepted();
}, 60_000);
afterAll(removeTinies);

/** Changes the store as one who owns the file can. */
function tamper(one: Tiny, ...statements: readonly string[]): void {
  const db = new Database(one.path('.agentctl/ledger.db'));
  const triggers = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
  for (const statement of statements) expect(db.prepare(statement).run().changes).toBeGreaterThan(0);
  for (const { sql } of triggers) db.exec(sql);
  db.close();
}
const sizeOf = (one: Tiny) => one.withSession(async ({ store, chain }) => (await store.head(chain))?.size ?? 0, false);
const findingOf = (one: Tiny, id: string) => one.withSession(async (session) => {
  const { steps } = await computeStates(session, await gateTime(session));
  return steps.find((step) => step.id === 'audit')?.findings.find((finding) => finding.id === id);
}, false);

describe('audit verify', () => {
  test('8.2 rehashes everything, says what it cannot know, and records what it saw', async () => {
    const one = base.copy();
    const size = await sizeOf(one);
    const answer = await one.run('audit', 'verify');
    expect(answer).toMatchObject({ exit: 0, headline: `${size} entries hold`, notes: expect.arrayContaining([expect.stringContaining('No witness outside this machine was asked')]) });
    expect((await one.entries('audit.verified'))[0]).toMatchObject({ validUntil: '2026-12-22T12:00:00.000Z', data: { size, head: answer.data['head'], checkpoint: size } });
  });

  test.each<[string, string, RegExp]>([
    ['a byte of an entry changed', `UPDATE entries SET body = replace(body, '"conditions":5', '"conditions":6') WHERE type = 'pact.signed'`, /does not hold at entry \d+/],
    ['an entry gone', `DELETE FROM entries WHERE type = 'key.issued'`, /does not hold at entry \d+/],
    ['a projection edited', `UPDATE projections SET state = replace(state, 'note:read', 'note:send') WHERE name = 'api-keys'`, /projections? api-keys/],
  ])('8.2 twin: %s behind its back ends in 4, and no check is recorded', async (_what, statement, message) => {
    const one = base.copy();
    tamper(one, statement);
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 4, message: expect.stringMatching(message) });
    expect(await one.withSession(({ store, chain }) => store.count(chain, 'audit.verified'), false)).toBe(0);
  });

  test('8.2 8.3 the store itself refuses to change or delete what it has, projections and all', () => {
    const db = new Database(base.copy().path('.agentctl/ledger.db'));
    for (const statement of ["UPDATE entries SET hash = 'x'", 'DELETE FROM entries', 'REPLACE INTO entries (chain, seq, hash, body) SELECT chain, seq, hash, body FROM entries']) expect(() => db.exec(statement)).toThrow('append-only');
    db.close();
  });
});

describe('audit log', () => {
  const rowsOf = async (options: Record<string, string>) => (await base.run('audit', 'log', options)).tables?.[0]?.rows ?? [];

  test('8.1 8.4 every entry, newest last, by type, time and number', async () => {
    const all = await rowsOf({});
    expect(all.map((row) => Number(row[0]))).toEqual(all.map((_, index) => index));
    expect(all).toHaveLength(await sizeOf(base));
    expect(all[0]?.[2]).toBe('ledger.opened');
    expect((await rowsOf({ type: 'key' })).map((row) => row[2])).toEqual(['key.issued']);
    expect((await rowsOf({ last: '2' })).map((row) => row[2])).toEqual(['baseline.measured', 'baseline.accepted']);
    expect((await rowsOf({ type: 'baseline.accepted' }))[0]?.[3]).toBe('erin');
    expect(await rowsOf({ since: '2026-11-22T12:00:00.001Z' })).toEqual([]);
    expect(await rowsOf({ since: '2026-11-22' })).toHaveLength(all.length);
  });

  test.each([[{ since: 'yesterday' }, /--since "yesterday" is no time/], [{ last: '0' }, /--last "0" is no count/], [{ last: 'all' }, /no count/]])('%j is refused', async (options, message) => {
    expect(await base.fault('audit', 'log', options)).toMatchObject({ code: 'USAGE', exit: 2, message: expect.stringMatching(message) });
  });
});

describe('audit export', () => {
  interface Head { readonly format: string; readonly size: number; readonly log: string; readonly checkpoint: string }
  interface Row { readonly seq: number; readonly hash: string; readonly body: string }

  test('8.4 an auditor rehashes the file without agentctl, and the checkpoint in it is signed by the key of the first entry', async () => {
    const one = base.copy();
    const size = await sizeOf(one);
    const answer = await one.run('audit', 'export', { out: 'export.jsonl' });
    const text = readFileSync(one.path('export.jsonl'), 'utf8');
    expect([answer.exit, statSync(one.path('export.jsonl')).mode & 0o777, answer.data['digest']]).toEqual([0, 0o600, `sha256:${createHash('sha256').update(text).digest('hex')}`]);
    const [head, ...rows] = text.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown) as [Head, ...Row[]];
    expect([head.format, head.size, rows.length]).toEqual(['agentctl-ledger-export/1', size, size]);
    rows.reduce((previous, row) => {
      expect(row.hash).toBe(createHash('sha256').update(`\0${previous}\n${row.body}`).digest('hex'));
      return row.hash;
    }, '0'.repeat(64));
    const key = parseVerifierKey(head.log);
    expect(await openCheckpointNote(head.checkpoint, [key], verifySignature)).toMatchObject({ size });
    expect((JSON.parse(rows[0]?.body ?? '') as { data: { log: string } }).data.log).toBe(head.log);
    expect(await findingOf(one, 'audit.export')).toMatchObject({ is: 'yes' });
    expect((await one.entries('audit.exported'))[0]?.data).toMatchObject({ from: 0, size, digest: answer.data['digest'] });
  });

  test('8.4 needs a file, and hands out no log that does not hold', async () => {
    expect(await base.fault('audit', 'export')).toMatchObject({ code: 'USAGE', message: '--out is missing' });
    const one = base.copy();
    tamper(one, `UPDATE entries SET body = replace(body, '"conditions":5', '"conditions":6') WHERE type = 'pact.signed'`);
    expect(await one.fault('audit', 'export', { out: 'export.jsonl' })).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
    expect(() => statSync(one.path('export.jsonl'))).toThrow('ENOENT');
  });
});

describe('audit erase', () => {
  const SECRET = 'Ms Sample of 12 Example Street';
  /** An agent with a payload in entry `seq`. */
  async function withPayload(): Promise<{ one: Tiny; seq: number }> {
    const one = base.copy();
    const stored = await one.withSession((session) => record(session, { type: 'audit.checkpointed', data: { size: 1, root: 'a'.repeat(64) }, payload: { text: SECRET } }));
    return { one, seq: stored.entry.seq };
  }
  let refusing: ReturnType<typeof withPayload> | undefined;
  const payloadOf = (one: Tiny, seq: number) => one.withSession(({ store, chain }) => store.payload(chain, seq), false);

  test('8.5 destroys the payload, keeps the entry and the chain, and records who and why; the note is a payload itself', async () => {
    const { one, seq } = await withPayload();
    expect(await payloadOf(one, seq)).toEqual({ text: SECRET });
    const size = await sizeOf(one);
    const answer = await one.run('audit', 'erase', { as: 'erin', reason: 'subject-request', note: 'she wrote to us' }, [String(seq)]);
    expect(answer).toMatchObject({ exit: 0, headline: `the payload of entry ${seq} is erased by entry ${size}`, data: { seq, erasedBy: size, again: false } });
    const [entry] = await one.entries('payload.erased');
    expect(entry).toMatchObject({ seq: size, data: { seq, reason: 'subject-request', ceremony: 'scripted' }, payload: { commit: expect.any(String) } });
    expect([entry?.actor, JSON.stringify(entry).includes('she wrote')]).toEqual([entry?.data['operator'], false]);
    expect([await payloadOf(one, seq), await payloadOf(one, size)]).toEqual([undefined, { note: 'she wrote to us' }]);
    expect(await one.run('audit', 'verify')).toMatchObject({ exit: 0, facts: expect.arrayContaining([{ label: 'payloads', value: expect.stringMatching(/ kept, 1 erased$/) }]) });
    expect(await findingOf(one, 'audit.erasure')).toMatchObject({ is: 'yes', because: expect.stringContaining('1 erased, each by a signed act') });
    expect(await one.withSession(async (session) => (await attestationOf(session.store, session.manifest, 'audit', entry))?.sentence, false)).toBe(`I have the payload of entry ${seq} (audit.checkpointed) destroyed for good, for this reason: subject-request.`);
  });

  test('8.5 asked for again it needs no human and erases nothing twice', async () => {
    const { one, seq } = await withPayload();
    await one.run('audit', 'erase', { as: 'erin', reason: 'mistake' }, [String(seq)]);
    expect(await one.run('audit', 'erase', {}, [String(seq)])).toMatchObject({ exit: 0, headline: expect.stringMatching(/was erased by entry \d+$/), data: { again: true } });
    expect(await one.entries('payload.erased')).toHaveLength(1);
  });

  test('8.5 a crash between entry and deletion is found by both gates, and the command they name finishes it', async () => {
    const { one, seq } = await withPayload();
    await one.withSession(async (session) => {
      const commit = (await session.store.read(session.chain, seq))?.entry.payload?.commit ?? '';
      const { operator: { did }, ceremony, digest: act, blob } = await performAct(session, { act: 'erase', step: 'audit', as: 'erin', subject: erasureSubject(session.chain, { seq, commit, reason: 'mistake' }), sentence: 's' });
      await record(session, { type: 'payload.erased', actor: did, data: { seq, commit, reason: 'mistake', subject: erasureSubject(session.chain, { seq, commit, reason: 'mistake' }), act, operator: did, ceremony } }, [blob]);
    });
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'STORE_TAMPERED', exit: 4, message: expect.stringContaining(`is still there: agentctl audit erase ${seq} finishes it`) });
    await one.run('audit', 'erase', {}, [String(seq)]);
    expect((await one.run('audit', 'verify')).exit).toBe(0);
  });

  test.each<[string, string[], Record<string, string>, object]>([
    ['no number', ['five'], {}, { code: 'USAGE', exit: 2 }],
    ['an entry that is not there', ['999'], {}, { code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringMatching(/^there is no entry 999: the log has \d+$/) }],
    ['an entry without a payload', ['0'], {}, { code: 'REFUSED', exit: 1, message: expect.stringContaining('has no payload') }],
    ['no reason', ['SEQ'], { as: 'erin' }, { code: 'USAGE', message: '--reason is missing' }],
    ['free text as a reason', ['SEQ'], { as: 'erin', reason: 'mistakes' }, { code: 'USAGE', hint: 'did you mean "mistake"?' }],
    ['nobody', ['SEQ'], { reason: 'mistake' }, { code: 'USAGE', message: expect.stringContaining('needs --as') }],
    ['somebody without the role', ['SEQ'], { as: 'lena', reason: 'mistake' }, { code: 'NOT_ALLOWED', exit: 1 }],
  ])('8.5 refuses %s, and erases nothing', async (_what, args, options, fault) => {
    const { one, seq } = await (refusing ??= withPayload());
    expect(await one.fault('audit', 'erase', options, args.map((word) => (word === 'SEQ' ? String(seq) : word)))).toMatchObject(fault);
    expect([await payloadOf(one, seq), await one.entries('payload.erased')]).toEqual([{ text: SECRET }, []]);
  });

  test('8.5 twin: an erasure whose signed act is gone makes the step untrustworthy', async () => {
    const { one, seq } = await withPayload();
    await one.run('audit', 'erase', { as: 'erin', reason: 'mistake' }, [String(seq)]);
    await one.run('audit', 'verify');
    tamper(one, `DELETE FROM blobs WHERE digest = (SELECT json_extract(body, '$.data.act') FROM entries WHERE type = 'payload.erased')`);
    const { steps } = await one.withSession(async (session) => computeStates(session, await gateTime(session)), false);
    expect(steps.find((step) => step.id === 'audit')).toMatchObject({ state: 'untrustworthy', because: expect.stringMatching(/the signed act of entry \d+ is gone/) });
  });

  test('8.5 a ledger whose key file stayed behind: says how many payloads it cannot read, answers 3 and records nothing', async () => {
    const { one } = await withPayload();
    rmSync(one.path('.agentctl/payload-keys.db'));
    const answer = await one.run('audit', 'verify');
    expect(answer).toMatchObject({ exit: 3, notes: expect.arrayContaining(['one payload cannot be read: its key is not in payload-keys.db']) });
    expect(await one.entries('audit.verified')).toEqual([]);
  });

  test('8.2 audit verify --read-only needs no log key and records nothing', async () => {
    const one = base.copy();
    rmSync(one.path('.agentctl/keys'), { recursive: true });
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'KEY_MISSING', exit: 6 });
    const size = await sizeOf(one);
    expect([(await one.run('audit', 'verify', { readOnly: true })).exit, await sizeOf(one)]).toEqual([0, size]);
  });
});

describe('audit backup', () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  /** A store made of a copy: the ledger, and the payload keys where they are given. */
  function restored(one: Tiny, ledger: string, keys?: string): Tiny {
    rmSync(one.path('.agentctl/ledger.db'));
    rmSync(one.path('.agentctl/payload-keys.db'), { force: true });
    cpSync(ledger, one.path('.agentctl/ledger.db'));
    if (keys !== undefined) cpSync(keys, one.path('.agentctl/payload-keys.db'));
    return one;
  }
  async function withPayload(): Promise<Tiny> {
    const one = base.copy();
    await one.run('identity', 'key revoke', { reason: 'Ms Sample posted it' }, [String((await one.entries('key.issued'))[0]?.data['keyId'])]);
    return one;
  }

  test('8.2 8.5 copies the ledger alone, verified; as a store it holds, and says that its payloads cannot be read', async () => {
    const one = await withPayload();
    mkdirSync(one.path('copy'));
    const answer = await one.run('audit', 'backup', { out: one.path('copy/ledger.db') });
    expect(answer).toMatchObject({ exit: 0, headline: `${await sizeOf(one)} entries copied and verified`, notes: expect.arrayContaining([expect.stringContaining('Payload keys stay behind')]) });
    expect([readdirSync(one.path('copy')), modeOf(one.path('copy/ledger.db'))]).toEqual([['ledger.db'], '600']);
    const flags = { yes: true, store: one.path('copy') };
    const card = stepById('audit')?.verbs.find(({ name }) => name === 'verify');
    const look = async () => card && runVerb(one.world, flags, 'audit', card, { args: [], options: { readOnly: true } });
    expect(await look()).toMatchObject({ exit: 3, data: { notes: expect.arrayContaining(['one payload cannot be read: its key is not in payload-keys.db']) } });
    expect((await verify(one.world, flags, {})).data).toMatchObject({ warnings: expect.arrayContaining(['one payload cannot be read: its key is not in payload-keys.db']) });
    cpSync(one.path('.agentctl/payload-keys.db'), one.path('copy/payload-keys.db'));
    expect(await look()).toMatchObject({ exit: 0 });
  });

  test('8.5 copies the keys to a second place only; put back together they are the store that was', async () => {
    const one = await withPayload();
    for (const folder of ['a', 'b']) mkdirSync(one.path(folder));
    const there = { out: one.path('a/ledger.db'), payloadKeys: one.path('b/keys.db') };
    expect(await one.run('audit', 'backup', there)).toMatchObject({ exit: 0, notes: expect.arrayContaining([expect.stringContaining('keep them apart')]) });
    expect([readdirSync(one.path('a')), readdirSync(one.path('b')), modeOf(one.path('b/keys.db'))]).toEqual([['ledger.db'], ['keys.db'], '600']);
    const size = await sizeOf(one);
    const back = restored(one.copy(), there.out, there.payloadKeys);
    expect(await back.run('audit', 'verify')).toMatchObject({ exit: 0, headline: `${size} entries hold` });
    expect(await sizeOf(back)).toBe(size + 1);
    expect(await one.fault('audit', 'backup', { out: one.path('a/other.db'), payloadKeys: one.path('a/keys.db') })).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(readdirSync(one.path('a'))).toEqual(['ledger.db']);
  });

  test('8.5 a payload that is erased later is not readable from an earlier copy either', async () => {
    const one = await withPayload();
    const seq = (await one.entries('key.revoked'))[0]?.seq ?? -1;
    await one.run('audit', 'backup', { out: one.path('old.db') });
    await one.run('audit', 'erase', { as: 'erin', reason: 'subject-request' }, [String(seq)]);
    const store = await one.world.stores.open(one.path('.agentctl'), { readonly: true, copy: { ledger: one.path('old.db') } });
    await expect(store.payload((await store.chains())[0] ?? '', seq)).rejects.toMatchObject({ code: 'STORE_TAMPERED', message: expect.stringContaining('its key is gone') });
    await store.close();
  });

  test.each<[string, (one: Tiny) => Record<string, string>, object]>([
    ['a file that exists', (one) => ({ out: one.path('agent.yaml') }), { code: 'REFUSED', exit: 1 }],
    ['keys over a file that exists', (one) => ({ out: one.path('x.db'), payloadKeys: one.path('data/pilot.jsonl') }), { code: 'REFUSED', exit: 1 }],
    ['a folder that is not there', (one) => ({ out: one.path('no/x.db') }), { code: 'IO', exit: 6 }],
    ['keys that are not there', (one) => ({ out: one.path('x.db'), payloadKeys: one.path('box/keys.db') }), { code: 'REFUSED', exit: 1 }],
  ])('refuses %s, and leaves nothing', async (_what, options, fault) => {
    const one = base.copy();
    const before = readdirSync(one.folder);
    const manifest = readFileSync(one.path('agent.yaml'), 'utf8');
    expect(await one.fault('audit', 'backup', options(one))).toMatchObject(fault);
    expect([readdirSync(one.folder), readFileSync(one.path('agent.yaml'), 'utf8')]).toEqual([before, manifest]);
  });

  test('8.2 twin: a copy that is not what was copied gets no name', async () => {
    const one = base.copy();
    const { stores } = one.world;
    const spoilt = one.in({ stores: { ...stores, open: async (folder, options) => {
      const store = await stores.open(folder, options);
      return { ...bound(store), backup: async (ledger: string, keys?: string) => {
        await store.backup(ledger, keys);
        const db = new Database(ledger);
        db.exec(`DROP TRIGGER entries_keep; UPDATE entries SET body = replace(body, '"conditions":5', '"conditions":6')`);
        db.close();
      } };
    } } });
    expect(await spoilt.fault('audit', 'backup', { out: one.path('copy.db') })).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
    expect(readdirSync(one.folder).filter((name) => name.startsWith('copy'))).toEqual([]);
  });
});

describe('audit checkpoint', () => {
  test('8.2 signs the head, publishes the note to the other storage, and records that it did; the last entry is covered too', async () => {
    const one = base.copy();
    const before = await sizeOf(one);
    const witness = one.path('witness.txt');
    const answer = await one.run('audit', 'checkpoint', { witnessFile: witness });
    const note = readFileSync(witness, 'utf8');
    expect([answer.exit, answer.data['size'], answer.data['note'], await sizeOf(one)]).toEqual([0, before + 1, note, before + 2]);
    expect(note.split('\n').slice(0, 2)).toEqual(['tiny-cooperative/7d0f6a52-3c1e-4f7b-9a61-2b8e5c4d1f00', String(before + 1)]);
    expect((await one.entries('audit.anchored'))[0]?.data).toMatchObject({ kind: 'file', where: expect.stringMatching(/^sha256:/), size: before + 1 });
    expect(readFileSync(one.path('artifacts/checkpoint.txt'), 'utf8').split('\n')[1]).toBe(String(before + 2));
    // The witness goes along with the log.
    await one.run('audit', 'checkpoint', { witnessFile: witness });
    expect(readFileSync(witness, 'utf8').split('\n')[1]).toBe(String(before + 3));
  });

  /** The store as it was before the witness saw more of it, as a restored backup is; checkpoint.txt is gone with it. */
  async function rolledBack(): Promise<{ one: Tiny; witness: string; note: string }> {
    const one = base.copy();
    const witness = one.path('witness.txt');
    cpSync(one.path('.agentctl'), one.path('backup'), { recursive: true, preserveTimestamps: true });
    await one.run('identity', 'key issue');
    await one.run('audit', 'checkpoint', { witnessFile: witness });
    for (const part of ['.agentctl', 'artifacts/checkpoint.txt']) rmSync(one.path(part), { recursive: true });
    cpSync(one.path('backup'), one.path('.agentctl'), { recursive: true, preserveTimestamps: true });
    return { one, witness, note: readFileSync(witness, 'utf8') };
  }

  test('8.2 twin: a store rolled back behind its witness is betrayed: exit 4, the witness stays, nothing is recorded', async () => {
    const { one, witness, note } = await rolledBack();
    const size = await sizeOf(one);
    expect(await one.fault('audit', 'checkpoint', { witnessFile: witness })).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, at: `entry ${size}`, hint: `compare with ${witness}`, message: expect.stringContaining('an older copy was restored') });
    expect([readFileSync(witness, 'utf8'), await sizeOf(one)]).toEqual([note, size]);
  });

  test('8.2 twin: so is one that has grown past its witness since, with another history', async () => {
    const { one, witness, note } = await rolledBack();
    for (let more = 0; more < 4; more += 1) await one.run('audit', 'checkpoint');
    expect(await one.fault('audit', 'checkpoint', { witnessFile: witness })).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, at: witness, message: expect.stringContaining('not one of this ledger') });
    expect(readFileSync(witness, 'utf8')).toBe(note);
  });

  test('8.2 twin: beside its newer published checkpoint, no command signs on over a store that was rolled back', async () => {
    const one = base.copy();
    cpSync(one.path('.agentctl'), one.path('backup'), { recursive: true, preserveTimestamps: true });
    await one.run('identity', 'key issue');
    const published = readFileSync(one.path('artifacts/checkpoint.txt'), 'utf8');
    rmSync(one.path('.agentctl'), { recursive: true });
    cpSync(one.path('backup'), one.path('.agentctl'), { recursive: true, preserveTimestamps: true });
    const size = await sizeOf(one);
    writeFileSync(one.path('spans.json'), '{"resourceSpans":[]}');
    for (const refused of [one.fault('audit', 'checkpoint'), one.fault('audit', 'ingest', {}, ['spans.json']), one.fault('identity', 'key issue'), one.fault('audit', 'verify')]) {
      expect(await refused).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, message: expect.stringContaining('an older copy was restored') });
    }
    expect([readFileSync(one.path('artifacts/checkpoint.txt'), 'utf8'), await sizeOf(one)]).toEqual([published, size]);
  });

  test('8.2 twin: a published checkpoint that is none is not replaced', async () => {
    const one = base.copy();
    writeFileSync(one.path('artifacts/checkpoint.txt'), 'gone\n');
    expect(await one.fault('audit', 'checkpoint')).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, message: expect.stringContaining('is no checkpoint') });
    expect(readFileSync(one.path('artifacts/checkpoint.txt'), 'utf8')).toBe('gone\n');
  });

  test('8.2 a proof is not written over a file that is there', async () => {
    const one = base.copy();
    const before = readFileSync(one.path('agent.yaml'), 'utf8');
    for (const out of ['agent.yaml', '.agentctl/ledger.db']) {
      expect(await one.fault('audit', 'prove', { out: one.path(out) }, ['1'])).toMatchObject({ code: 'REFUSED', exit: 1 });
      expect(await one.fault('audit', 'consistency', { out: one.path(out) }, ['1', '2'])).toMatchObject({ code: 'REFUSED', exit: 1 });
    }
    expect(readFileSync(one.path('agent.yaml'), 'utf8')).toBe(before);
    expect((await one.run('audit', 'verify')).exit).toBe(0);
  });

  test('8.2 a witness file that holds something else is not overwritten', async () => {
    const one = base.copy();
    writeFileSync(one.path('notes.txt'), 'my notes\n');
    expect(await one.fault('audit', 'checkpoint', { witnessFile: one.path('notes.txt') })).toMatchObject({ code: 'INPUT_INVALID', exit: 2 });
    expect(readFileSync(one.path('notes.txt'), 'utf8')).toBe('my notes\n');
  });
});

describe('8.6 completeness', () => {
  const names = { action: 'a-1', capability: 'sorting', tool: 'drop_note', digest: `sha256:${'d'.repeat(64)}`, policy: `sha256:${'e'.repeat(64)}`, approval: null, reservation: null, source: 'production' };
  const outcome = { ...names, decision: 'permit', rule: 'limits', pattern: null, confidence: '0.95', doubt: false, pre: 'ok', post: 'none', outcome: 'unknown', milliseconds: 0 };

  test('an intent without an outcome is found, shown and named; once the outcome is recorded, even as unknown, none is open', async () => {
    const one = base.copy();
    await one.withSession((session) => record(session, { type: 'action.intent', data: names }));
    expect(await findingOf(one, 'audit.complete')).toMatchObject({ is: 'unknown', because: expect.stringMatching(/^1 .*first a-1: it may be running, which is known after 2026-11-22 12:15 UTC/) });
    expect((await one.run('audit', 'log', { type: 'action.intent' })).tables?.[0]?.rows).toEqual([[expect.any(String), '2026-11-22 12:00 UTC', 'action.intent', 'agentctl', expect.stringContaining('a-1')]]);
    await one.withSession((session) => record(session, { type: 'action.recorded', data: outcome }));
    expect(await findingOf(one, 'audit.complete')).toMatchObject({ is: 'yes' });
    expect(await findingOf(one, 'audit.records')).toMatchObject({ is: 'yes', because: expect.stringContaining('1 action') });
  });

  test('a process killed between intent and outcome: unknown while the action may run, no until `apply` finds it lost, then yes', async () => {
    const one = base.copy();
    await one.withSession((session) => record(session, { type: 'action.intent', data: names }));
    const at = async (instant: string) => {
      one.clock.set(instant);
      return (await findingOf(one, 'audit.complete'))?.is;
    };
    expect([await at('2026-11-22T12:15:00.000Z'), await at('2026-11-22T12:15:00.001Z')]).toEqual(['unknown', 'no']);
    await apply(one.world, { yes: true }, { steps: ['audit'], dryRun: false });
    expect((await one.entries('action.recorded')).map(({ data }) => [data['action'], data['outcome'], data['rule']])).toEqual([['a-1', 'unknown', 'outcome-lost']]);
    expect((await findingOf(one, 'audit.complete'))?.is).toBe('yes');
  });

  test('silence is provable: a checkpoint is signed though nothing happened', async () => {
    const one = base.copy();
    const before = await sizeOf(one);
    one.clock.set('2026-12-01T12:00:00.000Z');
    await one.run('audit', 'checkpoint');
    expect((await one.entries('audit.checkpointed'))[0]).toMatchObject({ ts: '2026-12-01T12:00:00.000Z', data: { size: before } });
  });
});
