/** `audit ingest`: telemetry from files and over HTTP goes on record once, whoever sends it how often. */
import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { Fault } from '../../src/domain/fault.js';
import type { World } from '../../src/domain/ports.js';
import { observe } from '../../src/engine/audit/observe.js';
import { clearDesks, type Desk } from '../support/cli.js';
import { desk } from '../support/stages.js';
import { stillProgram } from '../support/still-bundle.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';
import { toldTo } from '../support/told.js';

const FOLDER = new URL('../fixtures/otlp/', import.meta.url).pathname;
const GENAI = readFileSync(`${FOLDER}genai.json`, 'utf8');
const withTrace = (trace: string) => GENAI.replaceAll('4bf92f3577b34da6a3ce929d0e0e4736', trace);
const newTrace = (() => { let count = 0; return () => (count += 1).toString(16).padStart(32, 'a'); })();

let base: Tiny;
beforeAll(async () => {
  base = await tiny();
  for (const name of ['genai.json', 'older.jsonl']) copyFileSync(FOLDER + name, base.path(name));
}, 60_000);
afterAll(() => {
  removeTinies();
  clearDesks();
});

const problemsOf = (one: Tiny) => one.withSession(async ({ store, chain }) => {
  const found: unknown[] = [];
  for await (const problem of store.audit(chain)) found.push(problem);
  return found;
}, false);

describe('from files', () => {
  test('8.1 each GenAI span becomes one entry, however often and in however many files it comes', async () => {
    const one = base.copy();
    expect(await one.run('audit', 'ingest', {}, ['genai.json', 'older.jsonl', 'genai.json'])).toMatchObject({ exit: 0, headline: '6 observed actions recorded', data: { recorded: 6, known: 4, other: 2, refused: 0 } });
    expect(await one.run('audit', 'ingest', {}, [one.path('genai.json')])).toMatchObject({ exit: 0, data: { recorded: 0, known: 4 } });
    const entries = await one.entries('action.observed');
    expect(entries.map(({ data }) => [data['span'], data['operation']])).toEqual([['00f067aa0ba902b1', 'invoke_agent'], ['00f067aa0ba902b2', 'chat'], ['00f067aa0ba902b3', 'execute_tool'], ['00f067aa0ba902b5', 'chat'], ['1111111111111101', 'chat'], ['1111111111111102', 'chat']]);
    expect(JSON.stringify(entries)).not.toContain('Müller');
    expect(await problemsOf(one)).toEqual([]);
    expect((await one.run('audit', 'log', { tool: 'drop_note' })).data).toMatchObject({ found: 1, entries: [{ data: { decision: 'none' } }] });
    expect((await one.run('audit', 'show', {}, [String(entries[2]?.seq)])).tables?.find(({ title }) => title === 'Action')?.rows).toEqual(expect.arrayContaining([['inputs', '{ "note": "n-7" }'], ['decision', 'none: nobody was asked']]));
  });

  const LONG = Array.from({ length: 20 }, (_none, at) => `vendor${at}=${'x'.repeat(40)}`).join(',');
  test.each<[string, string, string | undefined]>([
    ['as it came', 'ot=th:c;rv:ce929d0e0e4736,other=1', 'ot=th:c;rv:ce929d0e0e4736,other=1'],
    ['of a long one what tells how it was sampled', `${LONG},ot=th:8`, 'ot=th:8'],
    ['nothing of an ill-formed one', 'ot=th:8\u0007é', undefined],
    ['nothing of an empty one', ' ', undefined],
  ])('5.2 8.1 the tracestate of a span is kept: %s', async (_what, state, kept) => {
    const one = base.copy();
    one.edit('genai.json', (text) => text.replace(/"spanId": ?"00f067aa0ba902b1"/, (member) => `${member}, "traceState": ${JSON.stringify(state)}`));
    expect(await one.run('audit', 'ingest', {}, ['genai.json'])).toMatchObject({ exit: 0, data: { recorded: 4 } });
    expect((await one.entries('action.observed'))[0]?.data['tracestate']).toBe(kept);
    expect(await one.run('audit', 'ingest', {}, ['genai.json'])).toMatchObject({ exit: 0, data: { recorded: 0, known: 4 } });
  });

  test('another story under an id that is on record is refused, in one file and later', async () => {
    const one = base.copy();
    await one.run('audit', 'ingest', {}, ['genai.json']);
    one.edit('genai.json', (text) => text.replace('"intValue": "97"', '"intValue": "98"'));
    const answer = await one.run('audit', 'ingest', {}, ['genai.json']);
    expect(answer).toMatchObject({ exit: 1, data: { recorded: 0, known: 3, refused: 1 } });
    expect(answer.tables?.[0]?.rows).toEqual([['00f067aa0ba902b2', expect.stringMatching(/^it is on record with other data, as entry \d+$/)]]);
    expect(await one.entries('action.observed')).toHaveLength(4);
  });

  test('what is wrong with one span refuses that one; a line that is no request stops there, and what came before stays', async () => {
    const one = base.copy();
    one.edit('genai.json', (text) => text.replace('"endTimeUnixNano": "1795348801040000000"', '"endTimeUnixNano": "1"'));
    expect(await one.run('audit', 'ingest', {}, ['genai.json'])).toMatchObject({ exit: 1, data: { recorded: 3, refused: 1, refusals: [{ span: '00f067aa0ba902b3', because: 'it ends before it starts' }] } });
    appendFileSync(one.path('older.jsonl'), '{"resourceSpans":[{"scopeSpans":7}]}\n');
    expect(await one.fault('audit', 'ingest', {}, ['older.jsonl'])).toMatchObject({ code: 'INPUT_INVALID', exit: 2, at: 'older.jsonl:4' });
    expect(await one.entries('action.observed')).toHaveLength(5);
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /is empty/], ['no JSON', 'spans\n', /expected a JSON value/], ['a list', '[1]', /must be a JSON object/], ['other JSON', '{"spans":[]}', /it has no "resourceSpans"/], ['a bomb', `${'['.repeat(70)}${']'.repeat(70)}`, /nested deeper/],
  ])('%s is no telemetry', async (_what, text, message) => {
    const one = base.copy();
    writeFileSync(one.path('x.json'), text);
    expect(await one.fault('audit', 'ingest', {}, ['x.json'])).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringMatching(message) });
  });

  test.each<[string, Record<string, string>, readonly string[]]>([
    ['neither', {}, []], ['both', { listen: '4318' }, ['genai.json']], ['no port', { listen: 'localhost' }, []], ['a port beyond all', { listen: '70000' }, []],
  ])('%s is refused', async (_what, options, files) => {
    expect(await base.fault('audit', 'ingest', options, files)).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  test('8.1 two at once, and two in one process: each span once', async () => {
    const one = base.copy();
    const value = JSON.parse(GENAI) as Json;
    const tallies = await one.withSession((a) => one.withSession((b) => Promise.all([observe(a, value, 'a'), observe(b, value, 'b'), observe(a, value, 'c')])));
    expect([tallies.reduce((sum, { recorded }) => sum + recorded, 0), tallies.reduce((sum, { known }) => sum + known, 0)]).toEqual([4, 8]);
    expect(await one.entries('action.observed')).toHaveLength(4);
    expect(await problemsOf(one)).toEqual([]);
  });

  test('8.2 twin: a span that is taken out of the list of known ones is betrayed, not recorded twice unseen', async () => {
    const one = base.copy();
    await one.run('audit', 'ingest', {}, ['genai.json']);
    const db = new Database(one.path('.agentctl/ledger.db'));
    expect(db.prepare("DELETE FROM projections WHERE name = 'observed' AND key LIKE '%b3'").run().changes).toBe(1);
    db.close();
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'STORE_TAMPERED', exit: 4, message: expect.stringContaining('observed') });
  });
});

/** A receiver on a port of its own; ended by its interrupt. */
async function receiving(one: Tiny, work: (url: string) => Promise<void>, change: Partial<World> = {}): Promise<{ exit: number; data: JsonObject; lines: readonly JsonObject[] }> {
  const interrupt = new AbortController();
  let text = '';
  const results = toldTo((part) => void (text += part), { format: 'json' });
  const running = one.in({ ...change, results, surroundings: { ...one.world.surroundings, interrupted: interrupt.signal } }).run('audit', 'ingest', { listen: '0' });
  // It may end by itself while the work is under way.
  running.catch(() => undefined);
  const lines = () => text.trimEnd().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as JsonObject);
  while (lines().length === 0) await new Promise((later) => { setTimeout(later, 5); });
  try {
    await work(String(lines()[0]?.['listening']));
  } finally {
    interrupt.abort();
  }
  const { exit, data } = await running;
  return { exit, data, lines: lines() };
}
async function post(url: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<{ status: number; body: Json }> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  return { status: answer.status, body: (await answer.json()) as Json };
}

describe('over HTTP', () => {
  test('8.1 spans arrive plain or packed, are on record before they are acknowledged, and once', async () => {
    const one = base.copy();
    const { exit, data, lines } = await receiving(one, async (url) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/traces$/);
      expect(await post(url, GENAI)).toEqual({ status: 200, body: {} });
      expect(await one.entries('action.observed')).toHaveLength(4);
      expect(await post(url, gzipSync(withTrace(newTrace())), { 'content-encoding': 'gzip', 'content-type': 'application/json; charset=utf-8' })).toEqual({ status: 200, body: {} });
      expect(await post(url, GENAI)).toEqual({ status: 200, body: {} });
      expect(await post(url, '{}')).toEqual({ status: 200, body: {} });
    });
    expect([exit, data]).toEqual([130, { recorded: 8, known: 4, other: 3, refused: 0, refusals: [] }]);
    expect(lines.slice(1).map(({ recorded }) => recorded)).toEqual([4, 4, 0, 0]);
    expect(await problemsOf(one)).toEqual([]);
    // The end of the log is signed, interrupt or not.
    expect(await one.withSession(async ({ store, chain }) => (await store.checkpoint(chain))?.size === (await store.head(chain))?.size, false)).toBe(true);
  });

  test('a part is refused with number and reason, as the protocol has it', async () => {
    await receiving(base.copy(), async (url) => {
      const text = GENAI.replace('"spanId": "00f067aa0ba902b2"', '"spanId": "short"').replace('"endTimeUnixNano": "1795348801040000000"', '"endTimeUnixNano": "1"');
      expect(await post(url, text)).toEqual({ status: 200, body: { partialSuccess: { rejectedSpans: '2', errorMessage: 'span short: spanId is not 16 hex digits, and 1 more' } } });
    });
  });

  test('what is no such request is told so, and nothing is recorded', async () => {
    const one = base.copy();
    await receiving(one, async (url) => {
      expect(await post(url, 'x', { 'content-type': 'application/x-protobuf' })).toEqual({ status: 415, body: { message: expect.stringContaining('OTEL_EXPORTER_OTLP_PROTOCOL=http/json') } });
      expect(await post(url, GENAI, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
      expect(await post(url, '{"resourceSpans":')).toMatchObject({ status: 400, body: { message: expect.stringContaining('the request:1:') } });
      expect(await post(url, '{"resourceSpans":7}')).toMatchObject({ status: 400 });
      expect(await post(url, Uint8Array.of(0x7b, 0xff, 0x7d))).toMatchObject({ status: 400, body: { message: 'the body is not UTF-8 text' } });
      expect(await post(url, `{"a":${'['.repeat(80)}${']'.repeat(80)}}`)).toMatchObject({ status: 400, body: { message: expect.stringContaining('nested deeper') } });
      expect(await post(url.replace('traces', 'logs'), '{}')).toMatchObject({ status: 404 });
      const got = await fetch(url);
      expect([got.status, got.headers.get('allow'), got.headers.get('access-control-allow-origin')]).toEqual([405, 'POST', null]);
    });
    expect(await one.entries('action.observed')).toEqual([]);
  });

  test('a store that cannot take it now asks the sender to come again; one that is broken ends the receiver', async () => {
    const one = base.copy();
    const stores = (cause: () => Fault) => ({
      ...one.world.stores,
      open: async (...words: Parameters<typeof one.world.stores.open>) => {
        const store = await one.world.stores.open(...words);
        const append = store.append.bind(store);
        store.append = (chain, drafts, options) => (drafts[0]?.type === 'action.observed' ? Promise.reject(cause()) : append(chain, drafts, options));
        return store;
      },
    });
    const { data } = await receiving(one, async (url) => {
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: GENAI });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    }, { stores: stores(() => new Fault('IO', 'the disk is full')) });
    expect(data).toMatchObject({ recorded: 0 });
    const broken = { stores: stores(() => new Fault('LEDGER_BROKEN', 'the chain does not hold')) };
    await expect(receiving(one, async (url) => { expect((await post(url, GENAI)).status).toBe(500); }, broken)).rejects.toMatchObject({ code: 'LEDGER_BROKEN', exit: 4 });
  });
});

describe('real processes', () => {
  let at: Desk;
  beforeAll(async () => {
    at = await desk('bare', 'receiving');
    writeFileSync(at.path('genai.json'), GENAI);
    await at.expect(0, 'audit', 'checkpoint');
  }, 120_000);

  test('8.1 two processes with the same file at once: each span once', async () => {
    const answers = await Promise.all([at.json('audit', 'ingest', 'genai.json'), at.json('audit', 'ingest', 'genai.json')]);
    expect(answers.map(({ exit }) => exit)).toEqual([0, 0]);
    const data = answers.map(({ report }) => report['data'] as { recorded: number; known: number });
    expect([data.reduce((sum, { recorded }) => sum + recorded, 0), data.reduce((sum, { known }) => sum + known, 0)]).toEqual([4, 4]);
    expect(((await at.json('audit', 'log', '--type', 'action.observed')).report['data'] as { found: number }).found).toBe(4);
  });

  test('Ctrl-C ends --listen with 130: what was acknowledged is on record, in a log that holds', async () => {
    const child = spawn(process.execPath, [await stillProgram(), 'audit', 'ingest', '--listen', '127.0.0.1:0'], { cwd: at.path(), env: { PATH: process.env['PATH'] ?? '', ...at.env } });
    const ended = new Promise<number | null>((done) => { child.on('close', done); });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
    const url = await new Promise<string>((done) => { child.stderr.setEncoding('utf8').on('data', (part: string) => { err += part; const [found] = /http:\S+/.exec(err) ?? []; if (found) done(found); }); });
    expect(await post(url, withTrace('b'.repeat(32)))).toEqual({ status: 200, body: {} });
    child.kill('SIGINT');
    expect([await ended, out]).toEqual([130, expect.stringContaining('4 observed actions recorded')]);
    await at.expect(0, 'audit', 'verify');
    expect((await at.expect(0, 'audit')).stdout.replace(/\s+/g, ' ')).toContain('8 more only observed through telemetry, which nobody decided');
  });
});
