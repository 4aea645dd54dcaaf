/** Rollback as a whole: what is kept, what the running agent says before and after, who may, and every twin that must fail. */
import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import { activeFolder } from '../../src/engine/active-build.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let base: Tiny;
let kept: Tiny;
beforeAll(async () => {
  base = await accepted();
  kept = base.copy();
  await kept.run('rollback', 'snapshot');
});
afterAll(removeTinies);

const buildOf = async (one: Tiny) => String((await one.entries('snapshot.taken')).at(-1)?.data['build']);
const shaOf = (one: Tiny, file: string) => createHash('sha256').update(readFileSync(one.path(file))).digest('hex');

/** Changes the kept bytes of a file behind the back of the store. */
function alterBlob(one: Tiny, file: string): void {
  const db = new Database(one.path('.agentctl/ledger.db'));
  for (const { name } of db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()) db.exec(`DROP TRIGGER "${name}"`);
  const changed = db.prepare('UPDATE blobs SET bytes = ? WHERE digest = ?').run(Buffer.from('export const x = 1;\n'), `sha256:${shaOf(one, file)}`);
  db.close();
  expect(changed.changes).toBe(1);
}

describe('rollback snapshot', () => {
  test('7.1 keeps every file by its content, with the accepted baseline, for as long as declared', async () => {
    const [entry] = await kept.entries('snapshot.taken');
    const accepting = (await kept.entries('baseline.accepted'))[0];
    expect(entry).toMatchObject({ validUntil: '2027-11-22T12:00:00.000Z', data: { files: 5, baseline: accepting?.data['deliverable'], keepUntil: '2027-11-22T12:00:00.000Z' } });
    expect(createHash('sha256').update(readFileSync(kept.path('artifacts/snapshot.json'))).digest('hex')).toBe(String(entry?.data['snapshot']).slice(7));
    await kept.withSession(async ({ store, build }) => {
      for (const { sha256 } of build.document.files) expect(await store.blob(`sha256:${sha256}`)).toBeDefined();
    }, false);
  });

  test('a build that nobody evaluated is not kept as good', async () => {
    const one = base.copy();
    appendFileSync(one.path('rules.json'), '\n');
    expect(await one.fault('rollback', 'snapshot')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl baseline run' });
  });
});

describe('rollback drill', () => {
  test('7.2 7.4 7.6 the running agent says another build before and the kept one after, timed; what was in force stays in force', async () => {
    const one = kept.copy();
    const report = await one.run('rollback', 'drill', { as: 'erin' });
    expect(report.exit).toBe(0);
    const build = await buildOf(one);
    const [drilled] = await one.entries('rollback.drilled');
    expect(drilled).toMatchObject({ data: { to: build, verified: true, operator: 'erin', ceremony: 'scripted', milliseconds: { materialise: expect.any(Number), start: expect.any(Number), verify: expect.any(Number) } } });
    expect(drilled?.data['from']).not.toBe(build);
    const activations = await one.entries('activation.recorded');
    expect(activations.map(({ data }) => [data['kind'], data['build'], data['previous']])).toEqual([['drill', drilled?.data['from'], build], ['drill', build, drilled?.data['from']]]);
    expect(activations[0]?.data['environment']).toMatch(/^\S+, node \d/);
    await one.withSession(async (session) => {
      expect((await activeFolder(session)).folder).toBe(one.folder);
    });
    expect(readdirSync(one.path('.agentctl/builds'))).toEqual([build.slice(7)]);
  });

  test('7.3 only a role that is declared may do it', async () => {
    const one = kept.copy();
    expect(await one.fault('rollback', 'drill', { as: 'lena' })).toMatchObject({ code: 'NOT_ALLOWED', exit: 1 });
    expect(await one.fault('rollback', 'drill')).toMatchObject({ code: 'USAGE' });
    expect((await one.run('rollback', 'drill', { as: 'omar' })).exit).toBe(0);
  });

  test('twin: an altered snapshot ends drill and restore in 4, and the file is named', async () => {
    const one = kept.copy();
    alterBlob(one, 'tool.sh');
    for (const verb of ['drill', 'restore']) expect(await one.fault('rollback', verb, { as: 'erin' })).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, at: 'tool.sh' });
    expect(await one.entries('rollback.drilled')).toEqual([]);
    expect(await one.entries('activation.recorded')).toEqual([]);
    expect(readdirSync(one.path('.agentctl/builds'))).toEqual([]);
  });

  test('twin: an agent that always names the certified files fails the drill', async () => {
    const one = base.copy();
    const lie = JSON.stringify(Object.fromEntries(['rules.json', 'prompts/policy.txt'].map((file) => [file, `sha256:${shaOf(one, file)}`])));
    one.edit('agent.js', (text) => text.replace('{ build: { files } }', `{ build: { files: ${lie} } }`));
    await one.run('baseline', 'run');
    await one.run('baseline', 'accept', { as: 'erin' });
    await one.run('rollback', 'snapshot');
    expect(await one.run('rollback', 'drill', { as: 'erin' })).toMatchObject({ exit: 1, headline: expect.stringContaining('it loaded another prompts/policy.txt') });
    expect(await one.entries('rollback.drilled')).toEqual([]);
  });

  test.each([
    ['reports a file that is not of the build', "files: { ...files, 'extra.js': 'sha256:0' }", 'it loaded extra.js'],
    ['names nothing', 'files: {}', 'it names no file'],
    ['keeps its model to itself', "files: { 'agent.js': files['agent.js'], 'prompts/policy.txt': files['prompts/policy.txt'] }", 'does not say which rules.json'],
  ])('twin: an agent that %s fails restore too', async (_name, files, because) => {
    const one = base.copy();
    one.edit('agent.js', (text) => text.replace('{ build: { files } }', `{ build: { ${files} } }`));
    await one.run('baseline', 'run');
    await one.run('baseline', 'accept', { as: 'erin' });
    await one.run('rollback', 'snapshot');
    expect(await one.fault('rollback', 'restore', { as: 'erin' })).toMatchObject({ code: 'REFUSED', exit: 1, message: expect.stringContaining(because) });
    expect(await one.entries('activation.recorded')).toEqual([]);
  });
});

/** Two kept builds: the second one with a word more. */
async function twoBuilds(): Promise<Tiny & { first: string; second: string }> {
  const one = kept.copy();
  const first = await buildOf(one);
  one.edit('rules.json', (text) => text.replace('"prize"', '"prize", "jackpot"'));
  await one.run('baseline', 'run');
  await one.run('baseline', 'accept', { as: 'erin' });
  await one.run('rollback', 'snapshot');
  return { ...one, first, second: await buildOf(one) };
}

describe('rollback restore', () => {
  test('7.2 7.6 launch, upgrade and rollback switch what runs; the monitor then evaluates the active build', async () => {
    const one = await twoBuilds();
    const restore = (to?: string) => one.run('rollback', 'restore', { as: 'omar', ...(to === undefined ? {} : { to }) });
    expect(await restore(one.first.slice(7, 20))).toMatchObject({ exit: 0, data: { kind: 'launch', build: one.first, previous: null } });
    await one.withSession(async (session) => {
      expect(await activeFolder(session)).toMatchObject({ build: one.first, folder: one.path('.agentctl/builds', one.first.slice(7)) });
    });
    expect(await restore()).toMatchObject({ data: { kind: 'upgrade', build: one.second, previous: one.first } });
    expect(await restore(one.first)).toMatchObject({ data: { kind: 'rollback', build: one.first, previous: one.second } });
    await one.run('monitor', 'run');
    expect((await one.entries('monitor.ran'))[0]).toMatchObject({ agent: { build: one.first }, data: { build: one.first } });
    expect((await one.entries('action.recorded')).every((entry) => entry.agent.build === one.first)).toBe(true);
    one.edit('agent.yaml', (text) => text.replace('target: certified', 'target: previous'));
    expect(await restore()).toMatchObject({ data: { build: one.second, kind: 'rollback' } });
    const list = await one.run('rollback', 'list');
    expect(list.headline).toContain(one.second.slice(7, 19));
    expect(list.tables?.map((table) => table.rows.length)).toEqual([2, 4]);
  });

  test('what was restored is verified before each use, and restore mends it', async () => {
    const one = kept.copy();
    await one.run('rollback', 'restore', { as: 'erin' });
    const folder = one.path('.agentctl/builds', (await buildOf(one)).slice(7));
    const spoil: readonly (readonly [() => void, string])[] = [
      [() => { appendFileSync(`${folder}/agent.js`, '// x\n'); }, 'agent.js is not the file'],
      [() => { writeFileSync(`${folder}/node_modules.js`, ''); }, 'node_modules.js does not belong'],
      [() => { rmSync(`${folder}/rules.json`); }, 'rules.json is missing'],
      [() => { chmodSync(`${folder}/tool.sh`, 0o700); }, 'tool.sh has the mode'],
      [() => { rmSync(folder, { recursive: true }); }, 'its folder is gone'],
    ];
    for (const [damage, because] of spoil) {
      damage();
      expect(await one.fault('monitor', 'run')).toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, message: expect.stringContaining(because) });
      expect((await one.run('rollback', 'restore', { as: 'erin' })).facts[0]?.value).toContain('nothing that holds');
      expect((await one.run('rollback', 'list')).exit).toBe(0);
    }
    expect(existsSync(`${folder}/agent.js`)).toBe(true);
    expect(readdirSync(one.path('.agentctl/builds'))).toHaveLength(1);
  });

  test('prefixes: too short, unknown, ambiguous, and none before', async () => {
    const one = kept.copy();
    expect(await one.fault('rollback', 'restore', { as: 'erin', to: 'ab' })).toMatchObject({ code: 'USAGE' });
    expect(await one.fault('rollback', 'restore', { as: 'erin', to: 'abcdef0123' })).toMatchObject({ code: 'EVIDENCE_MISSING' });
    one.edit('agent.yaml', (text) => text.replace('target: certified', 'target: previous'));
    expect(await one.fault('rollback', 'restore', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING', message: expect.stringContaining('no other version') });
    expect(await one.fault('rollback', 'restore', { as: 'lena' })).toMatchObject({ code: 'EVIDENCE_MISSING' });
    expect(await base.copy().fault('rollback', 'restore', { as: 'erin' })).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl rollback snapshot' });
  });
});
