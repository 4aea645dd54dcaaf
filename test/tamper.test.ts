/** Tampering with the store and the artifacts, as somebody who owns the files could: both gates exit 4 and name the first bad place. */
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projections } from '../src/adapters/projections.js';
import { clearDesks, type Desk } from './support/cli.js';
import { rowsOf, storeFolder, tamper } from './support/ledger-file.js';
import { parallel } from './support/parallel.js';
import { desk } from './support/stages.js';

interface Case {
  readonly name: string;
  readonly change: (at: Desk) => Promise<unknown> | unknown;
  /** What both gates say, place included. */
  readonly told: RegExp;
  /** Whether `status`, which reads only what came after the last checkpoint, can see it as well. */
  readonly status?: true;
  /** Where it happens; the tiny agent with an accepted baseline unless more is needed. */
  readonly stage?: 'finished';
}

const sql = (...statements: readonly string[]) => (at: Desk) => tamper(at, (db) => statements.forEach((statement) => db.exec(statement)));
const AGENT_CHAIN = "chain <> 'organisation'";
/** An entry in the middle: before the last checkpoint, after the first. */
const MIDDLE = 7;

const LEDGER: readonly Case[] = [
  { name: 'one byte of one entry changed', change: sql(`UPDATE entries SET body = replace(body, '"cases":88', '"cases":89') WHERE ${AGENT_CHAIN} AND type = 'evaluation.finished'`), told: /LEDGER_BROKEN: the ledger does not hold at entry \d+: / },
  { name: 'one byte changed and the entry hashed anew', change: rehashed, told: new RegExp(`LEDGER_BROKEN: the ledger does not hold at entry ${MIDDLE + 1}: `) },
  { name: 'an entry dropped', change: sql(`DELETE FROM entries WHERE ${AGENT_CHAIN} AND seq = ${MIDDLE}`), told: new RegExp(`LEDGER_BROKEN: the ledger does not hold at entry ${MIDDLE}: `) },
  { name: 'two entries swapped', change: swapped, told: new RegExp(`LEDGER_BROKEN: the ledger does not hold at entry ${MIDDLE}: `) },
  { name: 'the last entry dropped', change: sql(`DELETE FROM entries WHERE ${AGENT_CHAIN} AND seq = (SELECT max(seq) FROM entries)`), told: /LEDGER_BROKEN: /, status: true },
  { name: 'the head edited', change: sql(`UPDATE heads SET hash = '${'0'.repeat(64)}' WHERE ${AGENT_CHAIN}`), told: /LEDGER_BROKEN: /, status: true },
  { name: 'the head set back', change: sql(`UPDATE heads SET size = size - 1 WHERE ${AGENT_CHAIN}`), told: /LEDGER_BROKEN: /, status: true },
  { name: 'a checkpoint signed by nobody', change: sql(`UPDATE checkpoints SET note = replace(note, substr(note, -20, 8), 'AAAAAAAA') WHERE ${AGENT_CHAIN}`), told: /LEDGER_BROKEN: /, status: true },
  { name: 'every checkpoint removed', change: sql(`DELETE FROM checkpoints WHERE ${AGENT_CHAIN}`), told: /LEDGER_BROKEN: the published checkpoint at size \d+ is not one of this ledger/ },
  { name: 'the tail cut, by an older copy of the store', change: older, told: /LEDGER_BROKEN: the ledger has \d+ entries, but its published checkpoint covers \d+: the tail was cut, or an older copy was restored/ },
];

const TABLES: readonly Case[] = [
  { name: 'a blob edited', change: sql("UPDATE blobs SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"answers-right\"', '\"answers-wrong\"') AS BLOB) WHERE CAST(bytes AS TEXT) LIKE '%\"answers-right\"%'"), told: /STORE_TAMPERED: blobs sha256:/ },
  { name: 'a blob removed', change: sql("DELETE FROM blobs WHERE digest = (SELECT json_extract(body, '$.data.results') FROM entries WHERE type = 'evaluation.batch' LIMIT 1)"), told: /STORE_TAMPERED: blobs sha256:\w+: is missing: entry \d+ names it/ },
  { name: 'a payload edited', change: sql("UPDATE payloads SET ciphertext = randomblob(length(ciphertext)) WHERE seq = (SELECT min(seq) FROM payloads)"), told: /STORE_TAMPERED: payloads/, stage: 'finished' },
  { name: 'a payload removed', change: sql('DELETE FROM payloads WHERE seq = (SELECT min(seq) FROM payloads)'), told: /STORE_TAMPERED: payloads/, stage: 'finished' },
];

const ARTIFACTS: readonly Case[] = ['build.json', 'pact.dsse.json', 'baseline.json', 'baseline.dsse.json', 'certificate.dsse.json', 'certificate.vc.json', 'certificate.svr.dsse.json', 'checkpoint.txt'].map((file) => ({
  name: `artifacts/${file} altered`,
  change: (at) => flip(at.path('artifacts', file)),
  ...(file.startsWith('certificate') ? { stage: 'finished' } : {}),
  told: new RegExp(file === 'checkpoint.txt' ? 'LEDGER_BROKEN|SIGNATURE_INVALID' : `DIGEST_MISMATCH: artifacts/${file}`),
}));

const PROJECTIONS: readonly Case[] = projections.flatMap(({ name }) => [
  { name: `projection ${name}: a row edited`, change: (at) => tamper(at, (db) => void (db.prepare("UPDATE projections SET state = replace(state, '}', ',\"x\":1}') WHERE name = ?").run(name).changes > 0 || insert(db, name))), told: new RegExp(`STORE_TAMPERED: projections? ${name}`) },
] satisfies Case[]);

function insert(db: Parameters<Parameters<typeof tamper>[1]>[0], name: string): void {
  db.prepare("INSERT INTO projections (chain, name, key, state) SELECT chain, ?, 'forged', '{}' FROM heads WHERE chain <> 'organisation'").run(name);
}

/** A forger who knows the format gives the entry a fitting hash, and is betrayed by the next entry, which holds the old one. */
function rehashed(at: Desk): void {
  tamper(at, (db) => {
    const row = (seq: number) => db.prepare(`SELECT hash, body FROM entries WHERE ${AGENT_CHAIN} AND seq = ?`).get(seq) as { hash: string; body: string };
    const body = row(MIDDLE).body.replace('"actor":"agentctl"', '"actor":"mallory"');
    const hash = createHash('sha256').update(`\0${row(MIDDLE - 1).hash}\n${body}`).digest('hex');
    db.prepare(`UPDATE entries SET body = ?, hash = ? WHERE ${AGENT_CHAIN} AND seq = ?`).run(body, hash, MIDDLE);
  });
}

function swapped(at: Desk): void {
  tamper(at, (db) => {
    const move = db.prepare(`UPDATE entries SET seq = ? WHERE ${AGENT_CHAIN} AND seq = ?`);
    for (const [to, from] of [[-1, MIDDLE], [MIDDLE, MIDDLE + 1], [MIDDLE + 1, -1]]) move.run(to, from);
  });
}

/** The whole store as it was a few entries ago: sound in itself. */
async function older(at: Desk): Promise<void> {
  const kept = `${at.home}/older`;
  cpSync(storeFolder(at), kept, { recursive: true });
  await at.expect(0, 'audit', 'checkpoint');
  rmSync(storeFolder(at), { recursive: true });
  cpSync(kept, storeFolder(at), { recursive: true });
}

/** Changes one character in the middle of a file into another one of its kind. */
function flip(path: string): void {
  const text = readFileSync(path, 'utf8');
  const middle = text.slice(0, Math.floor(text.length / 2)).search(/[0-9](?=[^0-9]*$)/);
  const digit = (Number(text[middle]) + 1) % 10;
  writeFileSync(path, `${text.slice(0, middle)}${digit}${text.slice(middle + 1)}`);
}

let accepted: Desk;
let finished: Desk;

beforeAll(async () => {
  [accepted, finished] = [await desk('accepted'), await desk('finished')];
}, 600_000);
afterAll(clearDesks);

/** @param both cases that `audit verify` is asked about as well; the two gates share their check, so a few show that it is the same one */
async function gates(cases: readonly Case[], both = cases.length): Promise<void> {
  const seen = await parallel(cases, async ({ name, change, status, stage }, index) => {
    const at = (stage === 'finished' ? finished : accepted).copy(name);
    await change(at);
    const answers = [await at.run(['verify']), ...(index < both ? [await at.run(['audit', 'verify'])] : []), ...(status ? [await at.run(['status'])] : [])];
    return [name, answers.map(({ exit, stderr }) => `${exit} ${stderr.replace(/\s+/g, ' ')}`)] as const;
  });
  expect(seen).toEqual(cases.map(({ name, told, status }, index) => [name, Array.from({ length: 1 + (index < both ? 1 : 0) + (status ? 1 : 0) }, () => expect.stringMatching(new RegExp(`^4 (?:${told.source})`)))]));
}

describe('8.2 both gates exit 4 and name the first bad place', () => {
  test('the ledger', () => gates(LEDGER), 600_000);
  test('blobs and payloads', () => gates(TABLES), 600_000);
  test('every projection', () => gates(PROJECTIONS, 1), 600_000);
  test('artifacts', () => gates(ARTIFACTS, 1), 600_000);
});

test('8.2 the ledger refuses updates, deletes and replacements through SQLite itself', () => {
  const at = finished.copy('triggers');
  const before = rowsOf(at);
  for (const statement of ['UPDATE entries SET hash = hash', 'DELETE FROM entries', 'REPLACE INTO entries (chain, seq, hash, body) SELECT chain, seq, hash, body FROM entries', 'UPDATE heads SET size = 0', 'DELETE FROM heads', 'UPDATE blobs SET media = media', 'DELETE FROM payloads', 'DELETE FROM checkpoints']) {
    expect(() => tamper(at, (db) => db.exec(statement), { triggers: 'kept' })).toThrow(/append-only|head|written once|one head|stays/);
  }
  expect(rowsOf(at)).toEqual(before);
});

test('4.2 dropping the triggers for good is seen as well', async () => {
  const at = accepted.copy('dropped');
  tamper(at, (db) => db.exec("INSERT INTO cache (key, value) VALUES ('x', 'y')"), { triggers: 'dropped' });
  expect(await at.run(['verify'])).toMatchObject({ exit: 4, stderr: expect.stringContaining('STORE_TAMPERED') });
});

test('8.2 a signed act that is gone from the store makes its step untrustworthy', async () => {
  const at = accepted.copy('act');
  const act = rowsOf(at).find((row) => row.entry.type === 'pact.signed')?.entry.data['act'];
  tamper(at, (db) => db.prepare('DELETE FROM blobs WHERE digest = ?').run(act));
  expect(await at.run(['status'])).toMatchObject({ exit: 4, stdout: expect.stringMatching(/pact +\S untrustworthy +the signed act of entry \d+ is gone/) });
  expect(await at.run(['verify'])).toMatchObject({ exit: 4, stdout: '', stderr: expect.stringMatching(/blobs\s+sha256:[0-9a-f]{64}:\s+is missing: entry \d+ names it/) });
});

test('losing what may be lost changes no verdict', async () => {
  const at = finished.copy('losable');
  tamper(at, (db) => db.exec('DELETE FROM cache'));
  rmSync(at.path('.agentctl/lock.db'), { force: true });
  rmSync(at.path('artifacts/baseline.json'));
  const { exit, stdout } = await at.run(['verify']);
  expect([exit, stdout]).toEqual([0, expect.stringContaining('artifacts/baseline.json is missing; agentctl apply writes it again')]);
  await at.expect(0, 'apply');
  expect(at.read('artifacts', 'baseline.json')).toBe(finished.read('artifacts', 'baseline.json'));
});

test('a certificate with one changed number, or one of another build, is told apart', async () => {
  const root = /did: (did:key:\S+)/.exec(finished.read('agent.yaml'))?.[1] ?? '';
  const gate = (at: Desk) => at.run(['verify', '--certificate', 'artifacts/certificate.dsse.json', '--trust', root, '--subject', '.', '--allow-scripted']);
  const whole = finished.copy('stranger');
  rmSync(storeFolder(whole), { recursive: true });
  expect([(await gate(whole)).exit]).toEqual([0]);
  const changed = whole.copy('changed');
  changed.edit('artifacts/certificate.dsse.json', (text) => text.replace(/"payload": ?"([^"]+)"/, (all, payload: string) => all.replace(payload, altered(payload))));
  const other = whole.copy('other');
  appendFileSync(other.path('prompts/policy.txt'), 'Be kind.\n');
  const stranger = whole.copy('nobody');
  expect([(await gate(changed)).exit, (await gate(other)).exit, (await stranger.run(['verify', '--certificate', 'artifacts/certificate.dsse.json', '--subject', '.', '--allow-scripted'])).exit]).toEqual([4, 3, 3]);
}, 60_000);

/** One digit of a measured value. */
function altered(payload: string): string {
  const text = Buffer.from(payload, 'base64').toString('utf8');
  const fresh = text.replace('0.954545', '0.954546');
  if (fresh === text) throw new Error('the certificate holds no such number');
  return Buffer.from(fresh).toString('base64');
}
