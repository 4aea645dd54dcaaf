/** Complaints as a stratum of the traffic: on record once, looked at for sure, counted in one place, and their reasons erasable. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import type { JsonObject } from '../../src/domain/json.js';
import { isSampled } from '../../src/evaluation/sampling.js';
import { clearDesks, type Desk } from '../support/cli.js';
import { desk } from '../support/stages.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

const OTLP = new URL('../fixtures/otlp/genai.json', import.meta.url).pathname;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b1';

let base: Tiny;
beforeAll(async () => {
  base = await accepted();
  base.edit('agent.yaml', (text) => text.replace(/ {2}pilot: .*\n/, ''));
  await base.withSession((session) => session.store.append(session.chain, Array.from({ length: 100 }, (_none, n) => ({ type: 'action.recorded', agent: session.agent, actor: 'agentctl', data: action(n) }))));
  copyFileSync(OTLP, base.path('genai.json'));
}, 120_000);
afterAll(() => {
  removeTinies();
  clearDesks();
});

/** Every tenth one asks a human, every twentieth fails. */
function action(n: number): JsonObject {
  return { action: `turn-${n}`, digest: null, capability: 'sorting', tool: 'keep_note', decision: 'permit', rule: 'permitted', pattern: null, confidence: '0.95', doubt: n % 10 === 5, pre: 'ok', post: 'none', outcome: n % 20 === 0 ? 'failed' : 'done', approval: null, reservation: null, source: n === 99 ? 'pilot' : 'production', policy: null, milliseconds: 3 };
}
const turns = Array.from({ length: 99 }, (_none, n) => n).filter((n) => n % 20 !== 0);
const PICKED = turns.filter((n) => isSampled(`turn-${n}`, '0.20'));
const LEFT = turns.filter((n) => !PICKED.includes(n));

type Traffic = { across: readonly { condition: string; n: number; value: string; effective: string }[]; apart: readonly { stratum: string; condition: string; n: number }[]; waiting: number };
const trafficOf = ({ data }: { data: JsonObject }) => data['traffic'] as unknown as Traffic;
const asks = ({ across }: Traffic) => across.find(({ condition }) => condition === 'asks-seldom');
const share = (rows: readonly (readonly [weight: number, asks: boolean])[]) => (rows.reduce((sum, [weight, is]) => sum + (is ? weight : 0), 0) / rows.reduce((sum, [weight]) => sum + weight, 0)).toFixed(6);
const complain = (one: Tiny, ...requests: readonly number[]) => {
  writeFileSync(one.path('complaints.csv'), `request,reason\n${requests.map((n) => `turn-${n},"it was ""wrong"", she said"\n`).join('')}`);
  return one.run('monitor', 'complain', { from: 'complaints.csv' });
};
const problemsOf = (one: Tiny) => one.withSession(async ({ store, chain }) => {
  const found: unknown[] = [];
  for await (const problem of store.audit(chain)) found.push(problem);
  return found;
}, false);

/** A world in which something happens right before the first entry of a type is written. */
function interrupted(one: Tiny, type: string, happens: (append: (entry: { type: string; data: JsonObject }) => Promise<unknown>) => Promise<unknown>): Tiny {
  const { stores } = one.world;
  let happened = false;
  return one.in({ stores: { ...stores, open: async (...words: Parameters<typeof stores.open>) => {
    const store = await stores.open(...words);
    const append = store.append.bind(store);
    store.append = async (chain, drafts, options) => {
      const [first] = drafts;
      if (first?.type === type && !happened) {
        happened = true;
        await happens((entry) => append(chain, [{ agent: first.agent, actor: 'agentctl', ...entry }]));
      }
      return append(chain, drafts, options);
    };
    return store;
  } } });
}

describe('5.2 in the sample', () => {
  test('before the traffic is looked at: all of them are in, one in error counts as an error, and the estimate counts each once', async () => {
    const one = base.copy();
    const [picked = 0, left = 0] = [PICKED[0], LEFT[0]];
    expect(await complain(one, picked, left, 20)).toMatchObject({ exit: 0, headline: '3 complaints recorded', next: 'agentctl monitor run' });
    const report = await one.run('monitor', 'run');
    const [sampled] = await one.entries('monitor.sampled');
    expect(sampled?.data).toMatchObject({ of: 99, errors: 5, complaints: 2, late: 0, sampled: 5 + 2 + PICKED.length - 1 });
    const expected = share([...PICKED.slice(1).map((n) => [5, n % 10 === 5] as const), ...[picked, left].map((n) => [1, n % 10 === 5] as const), ...Array.from({ length: 5 }, () => [1, false] as const)]);
    const traffic = trafficOf(report);
    expect(asks(traffic)).toMatchObject({ n: 5 + 2 + PICKED.length - 1, value: expected });
    expect(traffic.apart.filter(({ condition }) => condition === 'asks-seldom').map(({ stratum, n }) => [stratum, n])).toEqual([['random', PICKED.length - 1], ['complaints', 2], ['errors', 5]]);
    expect(report.tables?.map(({ title }) => title)).toEqual(expect.arrayContaining(['Production traffic', 'Production traffic by stratum']));
    expect(report.facts.find(({ label }) => label === 'production')?.value).toMatch(/; 5 errors; 2 complaints$/);
    expect(trafficOf(await one.run('monitor', 'status'))).toEqual(traffic);
  });

  test('after it was looked at: it leaves the random stratum at once, is scored by the next run, and what was recorded stays', async () => {
    const one = base.copy();
    const before = trafficOf(await one.run('monitor', 'run'));
    const [picked = 0, left = 0] = [PICKED.find((n) => n % 10 === 5), LEFT[0]];
    expect(await complain(one, picked, left)).toMatchObject({ exit: 0, data: { recorded: 2 } });
    const status = await one.run('monitor', 'status');
    const now = trafficOf(status);
    expect([status.next, status.facts.find(({ label }) => label === 'complaints')?.value]).toEqual(['agentctl monitor run', '2 since the traffic was last sampled']);
    const expected = share([...PICKED.filter((n) => n !== picked).map((n) => [5, n % 10 === 5] as const), [1, true], [1, left % 10 === 5], ...Array.from({ length: 5 }, () => [1, false] as const)]);
    expect(asks(now)).toMatchObject({ n: (asks(before)?.n ?? 0) + 1, value: expected });
    // By itself the random stratum keeps what it had seen.
    const random = ({ apart }: Traffic) => apart.filter(({ stratum }) => stratum === 'random');
    expect(random(now)).toEqual(random(before));
    const report = await one.run('monitor', 'run');
    expect(await one.entries('monitor.sampled')).toMatchObject([{ data: { of: 99, complaints: 0, late: 0 } }, { data: { of: 0, sampled: 0, complaints: 0, late: 2 } }]);
    expect(trafficOf(report)).toEqual({ ...now, waiting: 0 });
    // Taken up once.
    await one.run('monitor', 'run');
    expect((await one.entries('monitor.sampled')).at(-1)?.data).toMatchObject({ late: 0, results: null });
  });

  test('what comes in while the traffic is looked at is left to the next sample, not lost between two', async () => {
    const one = base.copy();
    const busy = interrupted(one, 'monitor.sampled', async (append) => {
      await append({ type: 'action.recorded', data: { ...action(1), action: 'turn-late' } });
      await complain(one, LEFT[0] ?? 0);
    });
    await busy.run('monitor', 'run');
    await one.run('monitor', 'run');
    expect(await one.entries('monitor.sampled')).toMatchObject([{ data: { of: 99, late: 0 } }, { data: { of: 1, late: 1 } }]);
  });

  test('another build starts afresh: a complaint about what the one before answered is looked at, and tells nothing of this one', async () => {
    const one = base.copy();
    await one.run('monitor', 'run');
    await one.withSession(async (session) => {
      const [last] = await session.store.readEvidence(session.chain, 'monitor.sampled', 1);
      await session.store.append(session.chain, [{ type: 'monitor.sampled', agent: session.agent, actor: 'agentctl', data: { ...last?.data, of: 0, sampled: 0, scored: 0, passed: 0, errors: 0, results: null, measured: [], build: `sha256:${'b'.repeat(64)}`, through: last?.seq ?? 0 } }]);
    });
    await complain(one, LEFT[0] ?? 0);
    const status = await one.run('monitor', 'status');
    expect(trafficOf(status)).toEqual({ across: [], apart: [], waiting: 1 });
  });

  test('a trace, in any case, and a span of it, are complaints about one turn', async () => {
    const one = base.copy();
    await one.run('audit', 'ingest', {}, ['genai.json']);
    expect(await one.run('monitor', 'complain', { reason: 'too slow' }, [TRACE.toUpperCase()])).toMatchObject({ exit: 0, data: { recorded: 1 } });
    expect(await one.run('monitor', 'complain', {}, [`${TRACE}/${SPAN}`])).toMatchObject({ exit: 0, data: { recorded: 1 } });
    expect((await one.entries('complaint.received')).map(({ data }) => data['request'])).toEqual([TRACE, `${TRACE}/${SPAN}`]);
    await one.run('monitor', 'run');
    expect((await one.entries('monitor.sampled'))[0]?.data).toMatchObject({ of: 100, complaints: 1 });
    const [turn] = (await one.entries('action.observed')).filter(({ data }) => data['span'] === SPAN);
    expect(JSON.stringify(await one.run('audit', 'show', {}, [String(turn?.seq)]))).toContain('complaint.received');
  });
});

describe('on record', () => {
  test('8.5 once, in a log that holds; the reason in no entry, and erasable', async () => {
    const one = base.copy();
    expect(await one.run('monitor', 'complain', { reason: 'Frau Müller was furious' }, ['turn-7'])).toMatchObject({ exit: 0, headline: '1 complaint recorded' });
    const [entry] = await one.entries('complaint.received');
    expect(entry).toMatchObject({ actor: 'agentctl', inputs: {}, data: { request: 'turn-7' } });
    expect(await one.run('monitor', 'complain', { reason: 'again' }, ['turn-7'])).toMatchObject({ exit: 0, headline: `on record already, as entry ${entry?.seq}`, data: { recorded: 0, known: 1 } });
    expect(await one.entries('complaint.received')).toHaveLength(1);
    expect(JSON.stringify(await one.entries('complaint.received'))).not.toContain('Müller');
    const payload = () => one.withSession(({ store, chain }) => store.payload(chain, entry?.seq ?? 0), false);
    expect(await payload()).toEqual({ reason: 'Frau Müller was furious' });
    expect(await one.run('audit', 'erase', { as: 'erin', reason: 'subject-request' }, [String(entry?.seq)])).toMatchObject({ exit: 0 });
    expect(await payload()).toBeUndefined();
    expect(await problemsOf(one)).toEqual([]);
    // It still counts, and a new complaint is none.
    expect(await one.run('monitor', 'complain', {}, ['turn-7'])).toMatchObject({ data: { recorded: 0 } });
  });

  test('8.2 twin: a complaint that is taken out of the list is betrayed', async () => {
    const one = base.copy();
    await one.run('monitor', 'complain', {}, ['turn-7']);
    const db = new Database(one.path('.agentctl/ledger.db'));
    expect(db.prepare("DELETE FROM projections WHERE name = 'complaints'").run().changes).toBe(1);
    db.close();
    expect(await one.fault('audit', 'verify')).toMatchObject({ code: 'STORE_TAMPERED', exit: 4, message: expect.stringContaining('complaints') });
  });

  test('a file: once each, whatever stands beside it; what is not on record is named, and the rest is recorded', async () => {
    const one = base.copy();
    writeFileSync(one.path('c.jsonl'), '\ufeff{"request":"turn-1","reason":"x","customer":"Müller"}\n\n{"request":"turn-2"}\n{"request":"turn-1","reason":"y"}\n{"request":"turn-99"}\n{"request":"gone"}\n');
    const report = await one.run('monitor', 'complain', { from: 'c.jsonl' });
    expect(report).toMatchObject({ exit: 3, data: { recorded: 2, known: 0, twice: 1, unknowns: 2, unknown: [{ request: 'turn-99', at: 'c.jsonl:5' }, { request: 'gone', at: 'c.jsonl:6' }] } });
    writeFileSync(one.path('c.csv'), '\ufeffticket,request,reason\r\n7,turn-2,\r\n8,turn-3,"two\nlines"\r\n');
    expect(await one.run('monitor', 'complain', { from: one.path('c.csv') })).toMatchObject({ exit: 0, data: { recorded: 1, known: 1 } });
    const entries = await one.entries('complaint.received');
    expect(entries.map(({ data, payload }) => [data['request'], payload !== undefined])).toEqual([['turn-1', true], ['turn-2', false], ['turn-3', true]]);
    expect(await one.withSession(({ store, chain }) => store.payload(chain, entries[2]?.seq ?? 0), false)).toEqual({ reason: 'two\nlines' });
  });

  test.each<[string, string, readonly string[], JsonObject]>([
    ['a request that is not on record', '', ['turn-1000'], { code: 'EVIDENCE_MISSING', exit: 3, at: 'request', hint: 'agentctl audit log --type action.' }],
    ['an action of a pilot', '', ['turn-99'], { code: 'EVIDENCE_MISSING' }],
    ['another case than the action has', '', ['TURN-7'], { code: 'EVIDENCE_MISSING' }],
    ['a span that is inside a turn', '', [`${TRACE}/00f067aa0ba902b2`], { code: 'EVIDENCE_MISSING' }],
    ['control characters', '', ['turn-7\u001b[2J'], { code: 'INPUT_INVALID', exit: 2, message: '"turn-7\\x1b[2J" is no id of a request' }],
    ['nothing at all', '', [''], { code: 'INPUT_INVALID' }],
    ['neither request nor file', '', [], { code: 'USAGE', exit: 2 }],
    ['a file that is not there', 'nowhere.csv', [], { code: 'INPUT_INVALID', at: 'nowhere.csv' }],
    ['a folder', '.agentctl', [], { code: 'INPUT_INVALID' }],
    ['both', 'c.csv', ['turn-7'], { code: 'USAGE' }],
  ])('%s is refused', async (_what, from, args, fault) => {
    expect(await base.fault('monitor', 'complain', from === '' ? {} : { from }, args)).toMatchObject(fault);
  });

  test.each<[string, string, string]>([
    ['an empty file', '', 'bad'], ['a header alone', 'request,reason\n', 'bad'], ['no column request', 'id,reason\nturn-1,x\n', 'bad:2'], ['too few cells', 'request,reason\nturn-1,x\nturn-2\n', 'bad:3'], ['a quote astray', 'request,reason\nturn-1,a"b\n', 'bad:2'],
    ['a quote left open', 'request,reason\nturn-1,x\nturn-2,"x\n', 'bad:3'], ['control characters', 'request,reason\nturn-1,x\n"turn\u0000-2",x\n', 'bad:3'], ['a reason of a megabyte', `request,reason\nturn-1,${'x'.repeat(1_000_000)}\n`, 'bad:2'], ['a line that is longer still', `{"request":"turn-1","reason":"${'x'.repeat(2_000_000)}"}\n`, 'bad:1'],
    ['no JSON', '{"request":"turn-1"}\n{"request":\n', 'bad:2'], ['a list', '{"request":"turn-1"}\n[1]\n', 'bad:2'], ['a number', '{"request":"turn-1"}\n{"request":7}\n', 'bad:2'], ['a reason that is none', '{"request":"turn-1","reason":{"a":1}}\n', 'bad:1'],
  ])('%s is no file of complaints, and nothing of it is recorded', async (_what, text, at) => {
    writeFileSync(base.path('bad'), text);
    const fault = await base.fault('monitor', 'complain', { from: 'bad' });
    expect([fault.code, fault.at?.slice(fault.at.lastIndexOf('/') + 1).split(':').slice(0, 2).join(':')]).toEqual(['INPUT_INVALID', at]);
    expect(await base.entries('complaint.received')).toEqual([]);
  });

  test('a reason stands beside its request, and is no longer than anybody reads', async () => {
    writeFileSync(base.path('c.csv'), 'request\nturn-1\n');
    expect(await base.fault('monitor', 'complain', { from: 'c.csv', reason: 'x' })).toMatchObject({ code: 'USAGE', at: '--reason' });
    expect(await base.fault('monitor', 'complain', { reason: 'x'.repeat(1_000_000) }, ['turn-1'])).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('1000000 characters') });
  });
});

describe('at once', () => {
  test('two in one process, with overlapping files: each request once', async () => {
    const one = base.copy();
    const file = (name: string, from: number, to: number) => writeFileSync(one.path(name), Array.from({ length: to - from }, (_none, n) => `{"request":"turn-${from + n}"}\n`).join(''));
    file('a.jsonl', 0, 60);
    file('b.jsonl', 30, 99);
    const answers = await Promise.all(['a.jsonl', 'b.jsonl', 'a.jsonl'].map((from) => one.run('monitor', 'complain', { from })));
    expect([answers.map(({ exit }) => exit), answers.reduce((sum, { data }) => sum + Number(data['recorded']), 0), answers.reduce((sum, { data }) => sum + Number(data['known']), 0)]).toEqual([[0, 0, 0], 99, 90]);
    const requests = (await one.entries('complaint.received')).map(({ data }) => data['request']);
    expect([requests.length, new Set(requests).size]).toEqual([99, 99]);
    expect(await problemsOf(one)).toEqual([]);
  });

  test('somebody else is quicker by a moment: theirs is the entry, and the rest of the file is recorded', async () => {
    const one = base.copy();
    const late = interrupted(one, 'complaint.received', () => one.run('monitor', 'complain', { reason: 'first' }, ['turn-2']));
    expect(await complain(late, 1, 2, 3)).toMatchObject({ exit: 0, data: { recorded: 2, known: 1 } });
    expect((await one.entries('complaint.received')).map(({ data }) => data['request'])).toEqual(['turn-2', 'turn-1', 'turn-3']);
  });

  test('two processes: one entry, and both say so', async () => {
    const at: Desk = await desk('bare', 'complaining');
    copyFileSync(OTLP, at.path('genai.json'));
    await at.expect(0, 'audit', 'ingest', 'genai.json');
    const answers = await Promise.all(['first', 'second'].map((reason) => at.json('monitor', 'complain', TRACE, '--reason', reason)));
    expect(answers.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(answers.map(({ report }) => (report['data'] as { recorded: number }).recorded).sort()).toEqual([0, 1]);
    expect(((await at.json('audit', 'log', '--type', 'complaint.')).report['data'] as { found: number }).found).toBe(1);
  }, 60_000);
});
