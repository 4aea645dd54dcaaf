/** `audit export` into a folder: verified by its own verify.py, which knows nothing of agentctl, and betrayed by it when anything was changed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import { canonical } from '../../src/domain/canonical.js';
import type { Json } from '../../src/domain/json.js';
import { leafHash } from '../../src/ledger/entry.js';
import { formatVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { rootOfLeaves } from '../../src/ledger/merkle.js';
import { python, testWith } from '../support/needs.js';
import { intentOf, recordAll, recordedOf } from '../support/recorded.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

const FLIPPER = new URL('../fixtures/flip-bundle.py', import.meta.url).pathname;
const PYTHON = python() ?? '';
const withPython = testWith('python3', PYTHON !== '');

let base: Tiny;
beforeAll(async () => {
  base = await tiny();
  await base.withSession((session) => recordAll(
    session, intentOf('a-1'), recordedOf('a-1', {}, { arguments: { note: 'n-1' }, message: 'Größe "L"\n' }), recordedOf('a-2', { tool: '=1+1', decision: 'deny', rule: '@limit', outcome: 'not-run' }, { because: 'no' }),
    { type: 'incident.opened', actor: 'agentctl', data: { incident: 'i-1', severity: 'sev2', trigger: 'too, many', action: 'suspend', drill: false } },
  ));
  base.clock.set('2026-11-23T12:00:00.000Z');
  await base.withSession((session) => recordAll(session, recordedOf('a-3')));
  await base.run('audit', 'export', { out: 'whole', payloads: true });
  await base.run('audit', 'export', { out: 'part', since: '2026-11-23', type: 'action' });
}, 60_000);
afterAll(removeTinies);

/** Runs the verifier of a bundle as an auditor does: with Python, from anywhere, without anything of ours around. */
function verified(folder: string, ...words: readonly string[]): { status: number | null; lines: readonly string[] } {
  const { status, stdout, stderr } = spawnSync(PYTHON, [join(folder, 'verify.py'), ...words], { cwd: '/', env: { PATH: process.env['PATH'] ?? '' }, encoding: 'utf8' });
  return { status, lines: [...stdout.trimEnd().split('\n'), ...(stderr === '' ? [] : [stderr])] };
}
function copied(name: 'whole' | 'part'): string {
  const folder = join(base.copy().folder, name);
  return folder;
}
/** Changes a file and the list of digests with it, as whoever hands on a forged bundle does. */
function forge(folder: string, name: string, change: (text: string) => string): void {
  const [sums, before] = [readFileSync(join(folder, 'SHA256SUMS'), 'utf8'), readFileSync(join(folder, name), 'utf8')];
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, name), after);
  const hex = (text: string) => createHash('sha256').update(text).digest('hex');
  writeFileSync(join(folder, 'SHA256SUMS'), sums.replace(`${hex(before)}  ${name}`, `${hex(after)}  ${name}`));
}
const rowsOf = (text: string) => text.trimEnd().split('\n').map((line) => JSON.parse(line) as { seq: number; hash: string; body: string });
const linesOf = (rows: readonly object[]) => rows.map((row) => `${canonical(row as Json)}\n`).join('');

describe('what is in the folder', () => {
  test('8.4 every file is private, and the ledger names the list of their digests', async () => {
    const folder = base.path('whole');
    expect(readdirSync(folder).sort()).toEqual(['SHA256SUMS', 'VERIFY.md', 'actions.csv', 'approvals.csv', 'bundle.json', 'checkpoint.txt', 'entries.jsonl', 'incidents.csv', 'log-key.txt', 'payloads.jsonl', 'verify.py', 'waivers.csv']);
    expect([folder, ...readdirSync(folder).map((name) => join(folder, name))].map((path) => statSync(path).mode & 0o077)).toEqual(Array(13).fill(0));
    const digest = `sha256:${createHash('sha256').update(readFileSync(join(folder, 'SHA256SUMS'))).digest('hex')}`;
    expect((await base.entries('audit.exported')).map(({ data }) => data)).toMatchObject([{ from: 0, size: 6, digest, payloads: true, format: 'agentctl-ledger-bundle/1' }, { size: 7, entries: 2 }]);
    expect(readdirSync(base.path('part'))).not.toContain('payloads.jsonl');
  });

  test('8.4 rows are those of the store, byte for byte', async () => {
    const stored = await base.withSession(async ({ store, chain }) => {
      const rows: object[] = [];
      for await (const row of store.scan(chain)) rows.push(row);
      return rows;
    }, false);
    expect(rowsOf(readFileSync(base.path('whole', 'entries.jsonl'), 'utf8'))).toEqual(stored.slice(0, 6));
  });

  test('8.4 a part holds the first entry and what was asked for, each with its path to the root', () => {
    const rows = rowsOf(readFileSync(base.path('part', 'entries.jsonl'), 'utf8')) as readonly { seq: number; proof?: readonly string[] }[];
    expect(rows.map(({ seq, proof }) => [seq, proof?.length])).toEqual([[0, 3], [5, 3]]);
    expect(JSON.parse(readFileSync(base.path('part', 'bundle.json'), 'utf8'))).toMatchObject({ whole: false, filters: { since: '2026-11-23T00:00:00.000Z', type: 'action' }, entries: 2 });
  });

  test('lists for sampling: a line an action, an incident; a formula is text', () => {
    const lines = readFileSync(base.path('whole', 'actions.csv'), 'utf8').split('\r\n');
    expect(lines.slice(1, -1).map((line) => line.split(',')[0])).toEqual(['2', '3', '5'].slice(0, lines.length - 2));
    expect(lines[0]).toMatch(/^seq,ts,type,actor,agent\.id,agent\.did,agent\.version,agent\.build,hash,data\.action,/);
    expect(lines[2]).toContain(",'@limit,");
    expect(lines[2]).toMatch(/,'=1\+1(,|$)/);
    expect(readFileSync(base.path('whole', 'incidents.csv'), 'utf8').split('\r\n')[1]).toContain('"too, many"');
    expect(readFileSync(base.path('whole', 'waivers.csv'), 'utf8').split('\r\n')).toHaveLength(2);
  });

  test.each<[Record<string, string | boolean>, string, RegExp]>([
    [{ out: 'whole' }, 'USAGE', /is there already/], [{ out: 'agent.yaml' }, 'USAGE', /is there already/],
    [{ out: 'part.jsonl', type: 'action' }, 'USAGE', /one file holds every entry/], [{ out: 'all.jsonl', payloads: true }, 'USAGE', /no payload/], [{ out: 'x', since: 'now' }, 'USAGE', /no time/],
  ])('%j is refused, and nothing is recorded', async (options, code, message) => {
    const before = (await base.entries('audit.exported')).length;
    expect(await base.fault('audit', 'export', options)).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await base.entries('audit.exported')).toHaveLength(before);
  });
});

describe('verify.py', () => {
  withPython('8.4 says what holds: files, chain, root, signature, payloads, lists; and what it cannot show', () => {
    const { status, lines } = verified(base.path('whole'));
    expect([status, lines.map((line) => line.replace(/^holds: /, '').slice(0, 24))]).toEqual([3, [
      '11 files are as SHA256SU', '6 entries, all of them, ', 'the checkpoint over 6 en', '2 payloads are the ones ', '4 lists say what the ent', 'not shown: whose log key',
    ]]);
    const part = verified(base.path('part'), '--key', base.path('whole', 'log-key.txt'));
    expect([part.status, part.lines[1], part.lines.at(-1)]).toEqual([0, expect.stringContaining('2 entries are each in the tree of the checkpoint'), 'holds: the log key is the one that you trust']);
    expect(verified(base.path('whole'), '--key', 'somebody+00000000+AAAA')).toMatchObject({ status: 1, lines: [expect.stringMatching(/^DOES NOT HOLD: the log key is not the one that you trust/)] });
    expect(verified(base.path('whole'), '--nonsense').status).toBe(2);
  });

  withPython('8.2 8.4 twin: no byte of any file can be flipped unseen', () => {
    const folder = copied('whole');
    const flips = (step: number, way: 'plain' | 'hidden', ...names: readonly string[]) => spawnSync(PYTHON, [FLIPPER, folder, String(step), way, ...names], { encoding: 'utf8' }).stdout.trim();
    expect(flips(1, 'plain', 'checkpoint.txt', 'log-key.txt')).toMatch(/^asked \d{3} times$/);
    expect(flips(23, 'plain', ...readdirSync(folder).filter((name) => name !== 'verify.py'))).toMatch(/^asked \d{3} times$/);
    expect(flips(7, 'hidden', 'checkpoint.txt', 'log-key.txt')).toMatch(/^asked \d{2} times$/);
    expect(flips(97, 'hidden', 'entries.jsonl', 'payloads.jsonl')).toMatch(/^asked \d{2} times$/);
    const part = copied('part');
    expect(spawnSync(PYTHON, [FLIPPER, part, '41', 'hidden', 'entries.jsonl'], { encoding: 'utf8' }).stdout).toMatch(/^asked \d{2} times\n$/);
  });

  withPython.each<[string, 'whole' | 'part', string, (text: string) => string, RegExp]>([
    ['a decision edited', 'whole', 'entries.jsonl', (text) => text.replace('\\"decision\\":\\"deny\\"', '\\"decision\\":\\"permit\\"'), /entry 3: its text and the hash before it do not give its hash/],
    ['an entry taken out', 'whole', 'entries.jsonl', (text) => linesOf(rowsOf(text).filter(({ seq }) => seq !== 3)), /entry 3 is missing/],
    ['the tail cut off', 'whole', 'entries.jsonl', (text) => linesOf(rowsOf(text).slice(0, -1)), /has 5 entries, not 6/],
    ['a history rehashed by someone without the log key', 'whole', 'entries.jsonl', (text) => linesOf(rehashed(rowsOf(text), (body) => body.replace('"decision":"deny"', '"decision":"permit"'))), /another Merkle root/],
    ['an entry of a part edited and rehashed', 'part', 'entries.jsonl', (text) => linesOf(rowsOf(text).map((row) => (row.seq === 5 ? { ...row, body: row.body.replace('permit', 'denied'), hash: leafHash((row as never as { previous: string }).previous, row.body.replace('permit', 'denied')) } : row))), /entry 5 is not in the tree/],
    ['the checkpoint over fewer entries', 'whole', 'checkpoint.txt', (text) => text.replace('\n6\n', '\n5\n'), /signature of the checkpoint does not hold/],
    ['a payload edited', 'whole', 'payloads.jsonl', (text) => text.replace('n-1', 'n-2'), /payload 2 is not the one that its entry commits to/],
    ['a payload taken out', 'whole', 'payloads.jsonl', (text) => text.slice(text.indexOf('\n') + 1), /payload of entry 2 is missing/],
    ['a line of a list taken out', 'whole', 'actions.csv', (text) => text.replace(/\r\n3,.*/, ''), /actions\.csv does not say what entry 3 says/],
    ['a line of a list made up', 'whole', 'waivers.csv', (text) => `${text}1\r\n`, /waivers\.csv has a line that no entry gives/],
  ])('8.2 twin: %s is seen though the digests were made to fit', (_what, name, file, change, message) => {
    const folder = copied(name);
    forge(folder, file, change);
    expect(verified(folder)).toMatchObject({ status: 1, lines: [expect.stringMatching(message)] });
  });

  withPython('8.2 twin: a ledger forged whole, with a key of its own, is consistent; only the key that one knows betrays it', async () => {
    const folder = copied('whole');
    const key = readFileSync(join(folder, 'log-key.txt'), 'utf8').trim();
    const origin = key.split('+')[0] ?? '';
    const forger = await base.world.keys(join(base.folder, 'forger'))['create']({ role: 'log', name: 'forger' });
    const own = formatVerifierKey(origin, forger.publicKey);
    forge(folder, 'entries.jsonl', (text) => linesOf(rehashed(rowsOf(text), (body) => body.replace(key, own).replace('"decision":"deny"', '"decision":"permit"'))));
    const note = await signCheckpointNote({ origin, size: 6, root: rootOfLeaves(rowsOf(readFileSync(join(folder, 'entries.jsonl'), 'utf8')).map(({ hash }) => hash)) }, forger);
    forge(folder, 'checkpoint.txt', () => note);
    forge(folder, 'log-key.txt', () => `${own}\n`);
    forge(folder, 'bundle.json', (text) => text.replace(/"lists":\{[^}]*\}/, '"lists":{}'));
    expect(verified(folder)).toMatchObject({ status: 3, lines: expect.arrayContaining([expect.stringContaining('not shown: whose log key this is')]) });
    expect(verified(folder, '--key', key).status).toBe(1);
  });

  withPython('8.5 a payload that was erased is counted, and its entry still verifies', async () => {
    const one = base.copy();
    const folder = one.path('erased');
    // The check of every table would refuse such a store; a list of what was erased is not known here yet.
    await one.run('audit', 'export', { out: 'erased', payloads: true });
    forge(folder, 'payloads.jsonl', (text) => text.replace(/^\{"salt".*"seq":2,.*$/m, '{"erased":true,"seq":2}'));
    expect(verified(folder)).toMatchObject({ status: 3, lines: expect.arrayContaining([expect.stringContaining('1 payloads are the ones that their entries commit to; 1 were erased')]) });
  });

  withPython('8.4 an unfinished folder is no bundle', () => {
    const folder = copied('part');
    rmSync(join(folder, 'SHA256SUMS'));
    expect(verified(folder)).toMatchObject({ status: 1, lines: [expect.stringContaining('SHA256SUMS')] });
  });
});

test('8.2 no bundle is made of a log that does not hold', async () => {
  const one = base.copy();
  const db = new Database(one.path('.agentctl/ledger.db'));
  db.exec(`DROP TRIGGER entries_keep; UPDATE entries SET body = replace(body, '"decision":"deny"', '"decision":"permit"') WHERE seq = 3`);
  db.close();
  expect(await one.fault('audit', 'export', { out: 'bundle' })).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
  expect(() => statSync(one.path('bundle'))).toThrow('ENOENT');
});

function rehashed(rows: readonly { seq: number; hash: string; body: string }[], change: (body: string) => string): readonly object[] {
  let previous = '0'.repeat(64);
  return rows.map(({ seq, body }) => {
    const changed = change(body);
    previous = leafHash(previous, changed);
    return { seq, hash: previous, body: changed };
  });
}
