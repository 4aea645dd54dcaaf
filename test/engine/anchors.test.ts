/** What anchors are for: each attack is carried out on the store, and a file, a git repository and a witness in another process betray it. Without one, the words say what cannot be known. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Connection, Sqlite as Database } from '../support/sqlite.js';
import { Fault } from '../../src/domain/fault.js';
import { logKeyOf } from '../../src/engine/checkpoint.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import type { AnchorFlags } from '../../src/engine/audit/anchors.js';
import { formatVerifierKey } from '../../src/ledger/checkpoint.js';
import { GENESIS, leafHash } from '../../src/ledger/entry.js';
import { extendRange } from '../../src/ledger/merkle.js';
import { logSigner } from '../ledger/fixtures/log-key.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';
import { startWitness, stopWitnesses, type RunningWitness } from '../support/witness.js';

let base: Tiny;
let logKey = '';
/** A witness that was only ever asked, until the manifest of a later test names it. */
let untouched: RunningWitness;
const outside: string[] = [];
beforeAll(async () => {
  base = await tiny();
  await base.run('identity', 'register');
  logKey = await base.withSession((session) => logKeyOf(session), false);
  untouched = await startWitness([logKey]);
}, 60_000);
afterAll(async () => {
  await stopWitnesses();
  removeTinies();
  for (const folder of outside) rmSync(folder, { recursive: true, force: true });
});

/** A place that whoever owns the store does not own. */
function elsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentctl-elsewhere-'));
  outside.push(folder);
  return folder;
}
function repository(): string {
  const folder = elsewhere();
  execFileSync('git', ['init', '--quiet', folder]);
  return folder;
}

type Flags = Record<string, string>;
const KINDS = ['file', 'git repository', 'witness'] as const;
const newFile = (): Flags => ({ witnessFile: join(elsewhere(), 'checkpoint.txt') });
const newRepository = (): Flags => ({ witnessGit: repository() });
async function newWitness(): Promise<Flags> {
  const { url, key } = await startWitness([logKey]);
  return { witness: url, witnessKey: key };
}

/** The store as its owner has it: without triggers, and back in order afterwards, so that nothing but the change can show. */
function own(one: Tiny, change: (db: Connection) => void): void {
  const db = new Database(one.path('.agentctl/ledger.db'));
  const triggers = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  change(db);
  for (const { sql } of triggers) db.exec(sql);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}
const CHAIN = "chain <> 'organisation'";
const CHECKPOINT = 'artifacts/checkpoint.txt';

/** How the store looked at a time, for one who wants to go back to it. */
interface Memory {
  readonly folder: string;
  readonly checkpoint: string;
  readonly head: { size: number; hash: string; range: string; ts: string };
}
function remember(one: Tiny): Memory {
  const folder = elsewhere();
  cpSync(one.path('.agentctl'), join(folder, 'store'), { recursive: true, preserveTimestamps: true });
  const db = new Database(one.path('.agentctl/ledger.db'), { readonly: true });
  const head = db.prepare(`SELECT size, hash, range, ts FROM heads WHERE ${CHAIN}`).get() as Memory['head'];
  db.close();
  return { folder, checkpoint: readFileSync(one.path(CHECKPOINT), 'utf8'), head };
}

interface Attack {
  readonly name: string;
  readonly carryOut: (one: Tiny, before: Memory) => void | Promise<unknown>;
  readonly told: RegExp;
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'the tail cut, with the older checkpoint.txt that fits',
    carryOut: (one, { head, checkpoint }) => {
      own(one, (db) => {
        db.exec(`DELETE FROM entries WHERE ${CHAIN} AND seq >= ${head.size}; DELETE FROM checkpoints WHERE ${CHAIN} AND size > ${head.size}; DELETE FROM cosignatures`);
        db.prepare(`UPDATE heads SET size = ?, hash = ?, range = ?, ts = ? WHERE ${CHAIN}`).run(head.size, head.hash, head.range, head.ts);
      });
      writeFileSync(one.path(CHECKPOINT), checkpoint);
    },
    told: /^the ledger has \d+ entries, but .* has seen \d+: the tail was cut, or an older copy was restored$/,
  },
  {
    name: 'one word changed and everything after it hashed anew, by somebody without the log key',
    carryOut: (one) => {
      own(one, (db) => rehash(db, (body) => body.replace('"actor":"agentctl"', '"actor":"nobody"')));
      rmSync(one.path(CHECKPOINT));
    },
    told: /is not one of this ledger$|another history of the first \d+ entries$|, which .* was shown, is gone/,
  },
  {
    name: 'the whole store rolled back to an older copy',
    carryOut: (one, { folder, checkpoint }) => {
      rmSync(one.path('.agentctl'), { recursive: true });
      cpSync(join(folder, 'store'), one.path('.agentctl'), { recursive: true, preserveTimestamps: true });
      writeFileSync(one.path(CHECKPOINT), checkpoint);
    },
    told: /^the ledger has \d+ entries, but .* has seen \d+: the tail was cut, or an older copy was restored$/,
  },
  {
    name: 'an older copy that has gone on, and grown further, by itself',
    carryOut: async (one, memory) => {
      ATTACKS[2]?.carryOut(one, memory);
      for (let more = 0; more < 8; more += 1) await one.run('identity', 'key issue');
      await one.run('audit', 'checkpoint');
    },
    told: /is not one of this ledger$|has seen another history of the first \d+ entries$/,
  },
];

/** Entry 1 changed; chain, tree and head made to fit; checkpoints, which cannot be forged, removed. */
function rehash(db: Connection, change: (body: string) => string): void {
  const rows = db.prepare(`SELECT seq, body FROM entries WHERE ${CHAIN} ORDER BY seq`).all() as { seq: number; body: string }[];
  const update = db.prepare(`UPDATE entries SET body = ?, hash = ? WHERE ${CHAIN} AND seq = ?`);
  const range: string[] = [];
  let hash = GENESIS;
  for (const { seq, body: before } of rows) {
    const body = seq === 1 ? change(before) : before;
    if (seq === 1) expect(body).not.toBe(before);
    hash = leafHash(hash, body);
    extendRange(range, seq, hash);
    update.run(body, hash, seq);
  }
  db.prepare(`UPDATE heads SET hash = ?, range = ? WHERE ${CHAIN}`).run(hash, range.join(' '));
  db.exec(`DELETE FROM checkpoints WHERE ${CHAIN}; DELETE FROM cosignatures`);
}

const gate = (one: Tiny, flags: AnchorFlags) => verify(one.world, { yes: true }, flags).then(({ exit, data }) => ({ exit, warnings: 'warnings' in data ? data.warnings : [] }), (cause: unknown) => {
  if (cause instanceof Fault) return { exit: cause.exit, warnings: [cause.message] };
  throw cause;
});
const UNKNOWN = /No witness outside this machine was asked: whoever owns store, checkpoint and log key/;

describe('8.2 anchors betray', () => {
  let published: Tiny;
  let before: Memory;
  let anchors: Readonly<Record<(typeof KINDS)[number], Flags>>;
  const all = (): Flags => Object.assign({}, ...Object.values(anchors)) as Flags;
  beforeAll(async () => {
    published = base.copy();
    before = remember(published);
    anchors = { file: newFile(), 'git repository': newRepository(), witness: await newWitness() };
    await published.run('audit', 'checkpoint', all());
  }, 30_000);

  test('nothing where nothing happened: all three agree, and say how far they have seen', async () => {
    const { exit, facts, notes } = await published.run('audit', 'verify', { ...all(), requireAnchor: true });
    expect([exit, facts.filter(({ label }) => label === 'anchor').map(({ value }) => value)]).toEqual([0, KINDS.map((kind) => expect.stringMatching(new RegExp(`^${kind} .* agrees up to \\d+ of \\d+ entries$`)))]);
    expect(notes?.join(' ')).not.toMatch(UNKNOWN);
    expect((await gate(published, all())).warnings.filter((line) => line.includes(' agrees up to '))).toHaveLength(3);
  });

  test.each(ATTACKS)('$name', async ({ carryOut, told }) => {
    const one = published.copy();
    await carryOut(one, before);
    for (const kind of KINDS) {
      const fault = await one.fault('audit', 'verify', anchors[kind]);
      expect([kind, fault.code, fault.exit, fault.message]).toEqual([kind, 'LEDGER_BROKEN', 4, expect.stringMatching(told)]);
      expect(fault.message).toContain(kind);
    }
    expect(await gate(one, all())).toEqual({ exit: 4, warnings: [expect.stringMatching(told)] });
    // The twin: nobody outside is asked, and all that is left is to say so.
    const unasked = await one.run('audit', 'verify');
    expect([unasked.exit, unasked.notes?.join(' ')]).toEqual([0, expect.stringMatching(UNKNOWN)]);
  }, 30_000);

  test('before anything is signed or published over what does not agree; and the gate says too when nobody was asked', async () => {
    const one = published.copy();
    await ATTACKS[2]?.carryOut(one, before);
    const head = await one.withSession(({ store, chain }) => store.head(chain), false);
    expect(await one.fault('audit', 'checkpoint', all())).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
    expect(await one.withSession(({ store, chain }) => store.head(chain), false)).toEqual(head);
    expect((await gate(one, {})).warnings.join(' ')).toMatch(UNKNOWN);
  });

  test('two copies that part: the second to publish is refused, and the first goes on', async () => {
    const other = published.copy();
    await published.run('audit', 'checkpoint', all());
    await other.run('identity', 'key issue');
    await other.run('audit', 'checkpoint');
    for (const kind of KINDS) expect(await other.fault('audit', 'verify', anchors[kind])).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, message: expect.stringContaining(kind) });
    expect(await other.fault('audit', 'checkpoint', all())).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
    expect((await published.run('audit', 'verify', all())).exit).toBe(0);
  }, 30_000);

  test('not what they have never seen: no answer to who asks for one by name, and shown on purpose only', async () => {
    const one = base.copy();
    for (const flags of [newFile(), newRepository(), { witness: untouched.url, witnessKey: untouched.key }]) {
      for (let time = 0; time < 2; time += 1) expect(await one.fault('audit', 'verify', flags)).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: expect.stringContaining('has seen no checkpoint of this log yet'), hint: expect.stringContaining('agentctl audit checkpoint --witness') });
      expect(await gate(one, flags)).toMatchObject({ exit: 3 });
    }
  }, 30_000);
});

describe('8.2 anchors in the manifest', () => {
  const declared = (one: Tiny, anchors: string, anchor = 'none') => one.edit('agent.yaml', (text) => text.replace('  anchor: none', `  anchor: ${anchor}\n  anchors:\n${anchors}`));
  const findingOf = (one: Tiny, id: string) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const step = steps.find((view) => view.id === 'audit');
    return { ...step?.findings.find((finding) => finding.id === id), state: step?.state };
  }, false);

  test('are published to and compared with, all of them, without a flag; the probe says which and how far', async () => {
    const one = base.copy();
    const [folder, repo] = [elsewhere(), repository()];
    const { url, key } = untouched;
    declared(one, `    - { kind: file, path: ${folder}/checkpoint.txt }\n    - { kind: git, folder: ${repo} }\n    - { kind: http, url: "${url}", key: "${key}" }`, 'required');
    expect(await findingOf(one, 'audit.anchor-required')).toMatchObject({ is: 'unknown', severity: 'must', state: 'unproven' });
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 3, hint: 'agentctl audit checkpoint' });
    const published = await one.run('audit', 'checkpoint');
    expect(published.tables?.[0]?.rows.map(([name]) => name)).toEqual([`file ${folder}/checkpoint.txt`, `git repository ${repo}`, 'witness agentctl-witness']);
    expect((await one.entries('audit.anchored')).map(({ data }) => data['kind'])).toEqual(['file', 'git', 'http']);
    expect((await one.run('audit', 'verify')).facts.filter(({ label }) => label === 'anchor')).toHaveLength(3);
    for (const probe of ['audit.anchor', 'audit.anchor-required']) {
      expect(await findingOf(one, probe)).toMatchObject({ is: 'yes', because: expect.stringMatching(/file .*checkpoint.txt up to \d+, git repository .* up to \d+, witness agentctl-witness up to \d+$/) });
    }
    // One that disagrees counts, whatever the others say or do not say.
    rmSync(repo, { recursive: true });
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'IO', exit: 6, message: expect.stringContaining(`git repository ${repo} is not there`) });
    writeFileSync(`${folder}/checkpoint.txt`, readFileSync(`${folder}/checkpoint.txt`, 'utf8').replace(/\n\d+\n/, '\n9999\n'));
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 4, message: expect.stringContaining('has seen 9999') });
  }, 30_000);

  test('an anchor that is gone, or has gone back, is told apart from one that was never used: exit 6', async () => {
    const one = base.copy();
    const file = join(elsewhere(), 'checkpoint.txt');
    declared(one, `    - { kind: file, path: ${file} }`);
    expect((await one.run('audit', 'verify')).facts.find(({ label }) => label === 'anchor')?.value).toContain('has seen no checkpoint of this log yet: agentctl audit checkpoint');
    await one.run('audit', 'checkpoint');
    const first = readFileSync(file, 'utf8');
    await one.run('audit', 'checkpoint');
    for (const change of [() => writeFileSync(file, first), () => rmSync(file)]) {
      change();
      expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'IO', exit: 6, message: expect.stringContaining(`file ${file} has forgotten this log: it was shown`) });
    }
  });

  test('one beside the ledger is told for what it is', async () => {
    const one = base.copy();
    declared(one, '    - { kind: file, path: witness.txt }');
    expect((await one.run('audit', 'checkpoint')).notes).toEqual(["file witness.txt lies in the agent's own folder: whoever rolls back the one can roll back the other"]);
    expect((await one.run('audit', 'verify')).notes).toContainEqual(expect.stringContaining("lies in the agent's own folder"));
    expect((await base.copy().run('audit', 'checkpoint', { witnessFile: `../${basename(elsewhere())}/checkpoint.txt` })).notes).toEqual([]);
  });

  test('required and none named: exit 3, for both gates and for the flag', async () => {
    const one = base.copy();
    expect(await one.fault('audit', 'verify', { requireAnchor: true })).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, message: 'an anchor outside this machine is required, and none is named' });
    expect((await gate(one, { requireAnchor: true })).exit).toBe(3);
    one.edit('agent.yaml', (text) => text.replace('  anchor: none', '  anchor: required'));
    expect(await one.fault('audit', 'verify')).toMatchObject({ exit: 3 });
    expect((await gate(one, {})).warnings.join()).toContain('an anchor outside this machine is required');
  });

  test.each<[string, string, RegExp]>([
    ['a file without path', '    - { kind: file, folder: x }', /lacks "path"[\s\S]*"folder" does not belong/],
    ['a witness without key', '    - { kind: http, url: "https://w.example" }', /lacks "key"/],
    ['a witness over plain http', '    - { kind: http, url: "http://w.example", key: x }', /url/],
    ['a key that is none', '    - { kind: http, url: "https://w.example", key: nonsense }', /not an Ed25519 verifier key/],
    ['a kind that we do not know', '    - { kind: tape, path: x }', /one of file, git, http/],
  ])('%s is a mistake with its place', async (_what, anchors, message) => {
    const one = base.copy();
    declared(one, anchors);
    const fault = await one.fault('audit', 'verify');
    expect([fault.code, fault.details.map(({ message: text }) => text).join('\n')]).toEqual(['MANIFEST_INVALID', expect.stringMatching(message)]);
    expect(fault.at).toMatch(/^agent.yaml:\d+:/);
  });

  test('a log key where a witness key belongs is refused', async () => {
    const one = base.copy();
    declared(one, `    - { kind: http, url: "https://w.example", key: "${logKey}" }`);
    expect((await one.fault('audit', 'verify')).details.map(({ message }) => message)).toEqual([expect.stringContaining('that of a log, not of a witness')]);
    expect(await base.fault('audit', 'verify', { witness: 'https://w.example' })).toMatchObject({ code: 'USAGE', message: expect.stringContaining('belong together') });
    expect(await base.fault('audit', 'verify', { witness: 'http://w.example', witnessKey: logKey })).toMatchObject({ code: 'USAGE', message: expect.stringContaining('not an https URL') });
    expect(await base.fault('audit', 'verify', { witness: 'https://w.example', witnessKey: logKey })).toMatchObject({ code: 'USAGE', message: expect.stringContaining('the one key of a witness') });
  });
});

describe('8.2 a witness over HTTP', () => {
  test('that is out of reach, does not watch this log, or answers with another key is no answer', async () => {
    const one = base.copy();
    const watching = await startWitness([logKey]);
    const flags = { witness: watching.url, witnessKey: watching.key };
    await one.run('audit', 'checkpoint', flags);
    const stranger = await startWitness([formatVerifierKey('another.example/log', logSigner(1).publicKey)]);
    expect(await one.fault('audit', 'verify', { ...flags, witnessKey: stranger.key })).toMatchObject({ code: 'KEY_UNFIT', exit: 4 });
    expect(await one.fault('audit', 'verify', { ...flags, witness: stranger.url })).toMatchObject({ code: 'NETWORK', exit: 6, message: 'witness agentctl-witness does not watch this log' });
    await watching.stop();
    expect(await one.fault('audit', 'verify', flags)).toMatchObject({ code: 'NETWORK', exit: 6 });
    expect(await gate(one, flags)).toMatchObject({ exit: 6 });
    const failed = await one.run('audit', 'checkpoint', { ...flags, witnessFile: join(elsewhere(), 'w.txt') }).catch((cause: unknown) => cause);
    expect(failed).toMatchObject({ code: 'NETWORK', exit: 6 });
  });

  test('vouches for checkpoints whose signatures are kept, and a kept one that was changed is found: exit 4', async () => {
    const one = base.copy();
    const { url, key } = await startWitness([logKey]);
    const flags = { witness: url, witnessKey: key };
    await one.run('audit', 'checkpoint', flags);
    const rows = await one.withSession(({ store, chain }) => store.cosignatures(chain), false);
    expect(rows).toEqual([{ size: expect.any(Number), name: 'agentctl-witness', line: expect.stringMatching(/^\u2014 agentctl-witness \S+\n$/) }]);
    // Asked again it vouches for more, and that is kept too.
    await one.run('audit', 'verify', flags);
    expect(await one.withSession(({ store, chain }) => store.cosignatures(chain), false)).toHaveLength(2);
    for (const change of ["UPDATE cosignatures SET name = 'somebody'", 'UPDATE cosignatures SET size = size - 1', "UPDATE cosignatures SET line = replace(line, 'A', 'B')"]) {
      const bent = one.copy();
      own(bent, (db) => db.exec(change));
      expect(await bent.fault('audit', 'verify')).toMatchObject({ code: 'STORE_TAMPERED', exit: 4, message: expect.stringContaining('cosignatures') });
    }
    const db = new Database(one.path('.agentctl/ledger.db'));
    for (const statement of ['DELETE FROM cosignatures', "UPDATE cosignatures SET line = ''", 'REPLACE INTO cosignatures SELECT * FROM cosignatures']) expect(() => db.exec(statement)).toThrow('written once');
    db.close();
  });
});

describe('8.2 a git repository', () => {
  test('gets one commit for each checkpoint, by agentctl, without the configuration, hooks or index of its owner', async () => {
    const one = base.copy();
    const repo = repository();
    const git = (...words: string[]) => execFileSync('git', ['-C', repo, ...words], { encoding: 'utf8' }).trim();
    writeFileSync(join(repo, '.git/hooks/post-commit'), `#!/bin/sh\ntouch ${repo}/hooked\n`, { mode: 0o755 });
    writeFileSync(join(repo, 'mine.txt'), 'mine\n');
    git('add', 'mine.txt');
    await one.run('audit', 'checkpoint', { witnessGit: repo });
    await one.run('audit', 'checkpoint', { witnessGit: repo });
    expect(git('log', '--format=%an %ae %s').split('\n')).toEqual([expect.stringMatching(/^agentctl agentctl@localhost Checkpoint of tiny-cooperative\/\S+ over \d+ entries$/), expect.stringMatching(/^agentctl /)]);
    expect([git('diff', '--cached', '--name-only'), existsSync(join(repo, 'hooked'))]).toEqual(['mine.txt', false]);
  });

  test('remembers what its newest version no longer shows', async () => {
    const one = base.copy();
    const repo = repository();
    const before = remember(one);
    await one.run('audit', 'checkpoint', { witnessGit: repo });
    await ATTACKS[2]?.carryOut(one, before);
    const git = (...words: string[]) => execFileSync('git', ['-C', repo, '-c', 'user.name=m', '-c', 'user.email=m', ...words]);
    git('rm', '--quiet', '-r', 'agentctl');
    git('commit', '--quiet', '-m', 'nothing to see');
    expect(await one.fault('audit', 'verify', { witnessGit: repo })).toMatchObject({ exit: 4, message: expect.stringContaining('an older copy was restored') });
  });

  test('that is none is told apart from one that has seen nothing', async () => {
    const one = base.copy();
    expect(await one.fault('audit', 'verify', { witnessGit: elsewhere() })).toMatchObject({ code: 'IO', exit: 6, message: expect.stringContaining('not a git repository') });
    expect(await one.fault('audit', 'checkpoint', { witnessGit: join(elsewhere(), 'nowhere') })).toMatchObject({ code: 'IO', exit: 6, message: expect.stringContaining('is not there') });
  });
});
