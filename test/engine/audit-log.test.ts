/** `audit log` and `audit show` on the tiny agent: what is found, how it is told, how it ends. */
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { StoredRow } from '../../src/domain/ports.js';
import { run as log } from '../../src/engine/audit/log.js';
import { clearDesks, type Desk } from '../support/cli.js';
import { intentOf, recordAll, recordedOf } from '../support/recorded.js';
import { desk } from '../support/stages.js';
import { tamper } from '../support/ledger-file.js';
import { stillProgram } from '../support/still-bundle.js';
import { tiny, removeTinies, type Tiny } from '../support/tiny.js';
import { toldTo } from '../support/told.js';

const FORMULA = '=HYPERLINK("https://evil.example","see")';
const HOSTILE = 'a\u001b[2Jb\u202ec\nd';
let base: Tiny;
let build = '';
beforeAll(async () => {
  base = await tiny();
  await base.withSession(async (session) => {
    build = session.build.digest;
    await recordAll(session, intentOf('a-1'), recordedOf('a-1', {}, { arguments: { note: 'n-1' }, result: { moved: 'dropped' }, because: 'inside every limit', issues: [], message: 'Größe: Müller' }));
    await recordAll(session, recordedOf('a-2', { tool: 'keep_note', decision: 'deny', rule: 'limit', outcome: 'not-run', post: 'none' }));
  });
  base.clock.set('2026-11-23T12:00:00.000Z');
  base.edit('agent.yaml', (text) => text.replace('version: 1.0.0', 'version: 1.1.0'));
  base.edit('prompts/policy.txt', (text) => `${text}Be brief.\n`);
  await base.withSession((session) => recordAll(session, { ...recordedOf('a-3', { decision: 'escalate', rule: 'confidence', outcome: 'not-run', approval: 'ap-1', post: 'none' }, { message: HOSTILE, because: 'unsure' }), actor: 'agentctl' }));
}, 60_000);
afterAll(() => {
  removeTinies();
  clearDesks();
});

type Options = Record<string, string | boolean>;
const told = async (options: Options, one = base, width = 80): Promise<string> => {
  let text = '';
  await one.in({ results: toldTo((part) => void (text += part), { width }) }).run('audit', 'log', options);
  return text;
};
const lines = async (options: Options): Promise<readonly JsonObject[]> => (await told({ ...options, lines: 'jsonl' })).trimEnd().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as JsonObject);
const found = async (options: Options) => (await lines(options)).map(({ data, type }) => String((data as JsonObject)['action'] ?? type));

describe('which entries', () => {
  test.each<[Options, readonly string[]]>([
    [{}, ['ledger.opened', 'a-1', 'a-1', 'a-2', 'a-3']],
    [{ type: 'action' }, ['a-1', 'a-1', 'a-2', 'a-3']],
    [{ type: 'action.intent' }, ['a-1']],
    [{ since: '2026-11-23' }, ['a-3']],
    [{ since: '2026-11-23T13:00:00+01:00' }, ['a-3']],
    [{ until: '2026-11-23T12:00:00Z', type: 'action.recorded' }, ['a-1', 'a-2']],
    [{ tool: 'keep_note' }, ['a-2']],
    [{ tool: 'keep' }, []],
    [{ decision: 'deny' }, ['a-2']],
    [{ decision: 'escalate' }, ['a-3']],
    [{ agentVersion: '1.1.0' }, ['a-3']],
    [{ actor: 'agentctl', type: 'action' }, ['a-3']],
    [{ text: 'KEEP_note' }, ['a-2']],
    [{ text: 'grösse: müller' }, ['a-1']],
    [{ text: 'n-1', decision: 'deny' }, []],
    [{ type: 'action', last: '2' }, ['a-2', 'a-3']],
    [{ type: 'action', last: '9' }, ['a-1', 'a-1', 'a-2', 'a-3']],
  ])('8.4 %j', async (options, expected) => {
    expect(await found(options)).toEqual(expected);
  });

  test('8.4 by the beginning of a build', async () => {
    expect(await found({ build: build.slice(0, 19), type: 'action.recorded' })).toEqual(['a-1', 'a-2']);
    expect(await found({ build: build.slice(7, 15), type: 'action.intent' })).toEqual(['a-1']);
    expect(await found({ build: '00000000' })).toEqual([]);
  });

  test.each<[Options, RegExp]>([
    [{ since: '2026-11-22T12:00' }, /--since "2026-11-22T12:00" is no time/], [{ until: '2026-13-01' }, /--until .* is no time/],
    [{ decision: 'maybe' }, /--decision "maybe"/], [{ build: 'xyz' }, /--build "xyz"/], [{ lines: 'xml' }, /--lines "xml"/],
    [{ lines: 'csv', format: 'json' }, /--lines says how/], [{ follow: true, format: 'markdown' }, /--follow has no end/],
  ])('%j is refused', async (options, message) => {
    const { format = 'human', ...rest } = options;
    const one = base.in({ results: toldTo(() => undefined, { format: String(format) }) });
    expect(await one.fault('audit', 'log', rest)).toMatchObject({ code: 'USAGE', exit: 2, message: expect.stringMatching(message) });
  });
});

describe('how they are told', () => {
  test('for people: at a fixed place, and what could move a cursor is written out', async () => {
    const text = await told({ type: 'action.recorded', payloads: true });
    expect(text.split('\n').slice(0, 3)).toEqual(['   seq  time (UTC)           type                   actor', '     2  2026-11-22 12:00:00  action.recorded        agent', '        action=a-1 tool=drop_note decision=permit rule=within-policy']);
    expect(text).toContain('\\u202e');
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('8.1 as JSON Lines: the entry, its hash, and on request what its payload holds; every line is one of its own', async () => {
    const [first, second] = await lines({ type: 'action.recorded', payloads: true });
    expect(first).toMatchObject({ v: 1, seq: 2, type: 'action.recorded', agent: { build }, data: { decision: 'permit' }, payload: { commit: expect.any(String), content: { arguments: { note: 'n-1' } } }, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(second).not.toHaveProperty('payload');
    const [plain] = await lines({ type: 'action.recorded' });
    expect(plain?.['payload']).toEqual({ commit: expect.any(String) });
    expect(await told({ text: 'unsure', payloads: true, lines: 'jsonl' })).not.toMatch(/[\u001b\u202e]/);
  });

  test('8.5 what was erased says so', async () => {
    const one = base.copy();
    await one.run('audit', 'erase', { as: 'erin', reason: 'mistake' }, ['2']);
    expect(await told({ type: 'action.recorded', until: '2026-11-23', payloads: true }, one)).toContain('payload: erased');
    expect((await one.run('audit', 'show', {}, ['2'])).notes?.join()).toContain('The payload was erased');
    const lines = (await told({ type: 'action.recorded', lines: 'jsonl', payloads: true }, one)).trimEnd().split('\n').map((line) => JSON.parse(line) as { seq: number });
    expect(lines.find(({ seq }) => seq === 2)).toMatchObject({ payload: { erased: true } });
  });

  test('as CSV: RFC 4180, and no cell is a formula', async () => {
    const one = base.copy();
    await one.withSession((session) => recordAll(session, recordedOf('a-4', { tool: FORMULA, rule: '-1+1' })));
    const text = await told({ type: 'action.recorded', lines: 'csv', last: '1' }, one);
    const records = text.split('\r\n');
    expect(records).toHaveLength(3);
    expect(records[0]).toBe('seq,time,type,actor,agent,did,version,build,tool,decision,rule,outcome,hash,data');
    expect(records[1]).toContain(`,"'=HYPERLINK(""https://evil.example"",""see"")",permit,'-1+1,done,`);
    const cells = [...(records[1] ?? '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '');
    expect([cells.length, cells.filter((cell) => /^[=+\-@]/.test(cell))]).toEqual([14, []]);
    expect(JSON.parse(cells.at(-1) ?? '')).toMatchObject({ tool: FORMULA });
  });

  test('--json is one document with the same entries; nothing found names types that are alike', async () => {
    const answer = await base.run('audit', 'log', { type: 'action', last: '2' });
    expect(answer).toMatchObject({ headline: '2 of 4 entries', data: { entries: [{ data: { action: 'a-2' } }, { data: { action: 'a-3' } }] } });
    expect((await base.run('audit', 'log', { type: 'actoin' })).notes?.[0]).toContain('did you mean action.intent');
    const one = base.in({ results: toldTo(() => undefined) });
    await one.run('audit', 'log', { type: 'actoin' });
    expect(one.said).toEqual(['0 entries', expect.stringContaining('did you mean action.intent')]);
  });
});

describe('line by line', () => {
  test('the first line is out while later entries are unread, and a reader who leaves ends the walk', async () => {
    const read: number[] = [];
    let first = -1;
    const world = { ...base.world, results: toldTo(() => { first = read.length; return false; }) };
    await base.withSession(async (session) => {
      const scan = (chain: string, from?: number): AsyncIterable<StoredRow> => ({
        async *[Symbol.asyncIterator]() {
          for await (const row of session.store.scan(chain, from)) yield (read.push(row.seq), row);
        },
      });
      const store = Object.create(session.store, { scan: { value: scan } }) as typeof session.store;
      store.head = (chain) => session.store.head(chain);
      expect(await log({ ...session, store, world }, { args: [], options: { type: 'action' } })).toMatchObject({ exit: 0 });
    }, false);
    expect([first, read]).toEqual([2, [0, 1]]);
  });

  test('8.2 twin: an entry that was edited is not told: exit 4 at its place, after all before it', async () => {
    const one = base.copy();
    const db = new Database(one.path('.agentctl/ledger.db'));
    db.exec(`DROP TRIGGER entries_keep; UPDATE entries SET body = replace(body, '"decision":"deny"', '"decision":"permit"') WHERE seq = 3`);
    db.close();
    let text = '';
    expect(await one.in({ results: toldTo((part) => void (text += part)) }).fault('audit', 'log', { lines: 'jsonl' })).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4, at: 'entry 3' });
    expect(text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([0, 1, 2]);
    expect(await one.fault('audit', 'show', {}, ['3'])).toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
  });

  test('--follow tells what comes later and matches; an interrupt ends it with 130 and whole lines', async () => {
    const one = base.copy();
    const interrupt = new AbortController();
    let text = '';
    const surroundings = { ...one.world.surroundings, interrupted: interrupt.signal };
    const following = one.in({ surroundings, results: toldTo((part) => void (text += part), { format: 'json' }) }).run('audit', 'log', { follow: true, type: 'action.recorded', tool: 'keep_note' });
    await one.withSession((session) => recordAll(session, recordedOf('b-1'), recordedOf('b-2', { tool: 'keep_note' })));
    while (!text.includes('b-2')) await new Promise((later) => { setTimeout(later, 10); });
    interrupt.abort();
    expect((await following).exit).toBe(130);
    expect(text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { data: JsonObject }).data['action'])).toEqual(['a-2', 'b-2']);
  });
});

describe('a real process', () => {
  let at: Desk;
  beforeAll(async () => {
    at = await desk('bare', 'following');
    cpSync(base.path('agent.yaml'), at.path('agent.yaml'));
    await at.expect(0, 'audit', 'checkpoint');
  }, 120_000);

  /** Types it, and answers once the output shows what is waited for. */
  async function typed(words: readonly string[], shows: RegExp) {
    const child = spawn(process.execPath, [await stillProgram(), ...words], { cwd: at.path(), env: { PATH: process.env['PATH'] ?? '', ...at.env } });
    const seen = { out: '', err: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => (seen.err += text));
    const ended = new Promise<number | null>((done) => { child.on('close', done); });
    await new Promise<void>((done) => { child.stdout.setEncoding('utf8').on('data', (text: string) => { seen.out += text; if (shows.test(seen.out)) done(); }); });
    return { child, seen, ended };
  }

  test('Ctrl-C ends --follow with 130, standard error silent; what was appended meanwhile was told', async () => {
    const { child, seen, ended } = await typed(['audit', 'log', '--follow', '--json', '--type', 'audit'], /checkpointed/);
    const second = new Promise<void>((done) => { child.stdout.on('data', () => { if (seen.out.split('\n').length > 2) done(); }); });
    await at.expect(0, 'audit', 'checkpoint');
    await second;
    child.kill('SIGINT');
    expect([await ended, seen.err, seen.out.trimEnd().split('\n').map((line) => (JSON.parse(line) as { type: string }).type)]).toEqual([130, '', ['audit.checkpointed', 'audit.checkpointed']]);
  });

  test('a fault after lines is one line too', async () => {
    const broken = at.copy('broken');
    tamper(broken, (db) => db.prepare(`UPDATE entries SET body = replace(body, '"actor":"agentctl"', '"actor":"agentctL"') WHERE seq = 1`).run());
    const { exit, stdout, stderr } = await broken.run(['audit', 'log', '--follow', '--json']);
    expect([exit, stderr, stdout.trimEnd().split('\n').map((line) => Object.keys(JSON.parse(line) as object).includes('fault'))]).toEqual([4, '', [false, true]]);
  });

  test('a reader who closes the pipe ends it quietly', async () => {
    const { child, seen, ended } = await typed(['audit', 'log', '--follow', '--quiet'], /ledger\.opened/);
    child.stdout.destroy();
    await at.expect(0, 'audit', 'checkpoint');
    expect([await ended, seen.err]).toEqual([0, '']);
  });
});

describe('audit show', () => {
  test('8.1 one action whole: inputs, output, tool call, checks, confidence, decision and rule, and its neighbours', async () => {
    const answer = await base.run('audit', 'show', {}, ['2']);
    const table = (title: string) => Object.fromEntries((answer.tables?.find((one) => one.title === title)?.rows ?? []).map(([name = '', value = '']) => [name, value]));
    expect(table('Action')).toEqual({
      inputs: '{ "note": "n-1" }', output: '{ "moved": "dropped" }', 'tool call': 'drop_note for sorting: done after 12 ms', 'checked before': 'ok', 'checked after': 'ok',
      confidence: '0.95', decision: 'permit by within-policy: inside every limit', escalation: 'none',
    });
    expect(answer.facts.map(({ label }) => label)).toEqual(expect.arrayContaining(['place', 'time', 'actor', 'DID', 'version', 'build', 'hash', 'payload']));
    expect(answer.tables?.find((one) => one.title === 'Belongs to it')?.rows.map(([seq, , type]) => [seq, type])).toEqual([['1', 'action.intent']]);
    expect(answer.data).toMatchObject({ entry: { seq: 2, payload: { content: { arguments: { note: 'n-1' } } } }, hash: expect.any(String), related: [{ seq: 1 }] });
  });

  test('8.1 an escalation names its approval, and the approval its action', async () => {
    const one = base.copy();
    const request = { id: 'ap-1', action: `sha256:${'d'.repeat(64)}`, tool: 'drop_note', capability: 'sorting', rule: 'confidence', expiresAt: '2026-11-24T12:00:00.000Z', roles: ['engineering'], quorum: 1 };
    const seq = await one.withSession((session) => recordAll(session, { type: 'approval.requested', data: request }));
    const related = async (place: number) => (await one.run('audit', 'show', {}, [String(place)])).tables?.find(({ title }) => title === 'Belongs to it')?.rows.map(([other]) => Number(other));
    expect([await related(4), await related(seq)]).toEqual([[seq], [4]]);
    expect((await one.run('audit', 'show', {}, ['4'])).tables?.[0]?.rows).toContainEqual(['escalation', `approval.requested in entry ${seq}`]);
  });

  test('8.6 an intent says what became of it, or until when that is open', async () => {
    const one = base.copy();
    const seq = await one.withSession((session) => recordAll(session, intentOf('c-1')));
    const outcome = async (place: number) => (await one.run('audit', 'show', {}, [String(place)])).tables?.[0]?.rows.find(([name]) => name === 'outcome')?.[1];
    expect([await outcome(1), await outcome(seq)]).toEqual(['done, in entry 2', 'none yet: it may be running until 2026-11-23 12:15 UTC']);
    one.clock.set('2026-11-23T12:16:00.000Z');
    expect(await outcome(seq)).toMatch(/^none: whoever began it is gone/);
  });

  test.each([['x', 'USAGE', 2], ['-1', 'USAGE', 2], ['999', 'EVIDENCE_MISSING', 3]])('place %s: %s', async (place, code, exit) => {
    expect(await base.fault('audit', 'show', {}, [place])).toMatchObject({ code, exit });
  });
});
