/** Monitoring as a whole: scheduled runs, missed ones, alerts that arrive, the replayed pilot, and every twin that must fail. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { verifyRequest } from '../../src/identity/http-signature.js';
import { readBlobText } from '../../src/engine/session.js';
import { keyOfDid } from '../../src/identity/did-key.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await accepted();
});
afterAll(removeTinies);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A webhook on this machine that answers with `status` and keeps what it got. */
async function webhook(status: number): Promise<{ url: string; got: Received[] }> {
  const got: Received[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ method: request.method ?? '', url: `http://${request.headers.host ?? ''}${request.url ?? ''}`, headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
    response.writeHead(status).end();
  };
  const server = createServer((request, response) => void answer(request, response));
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

const withChannels = (one: Tiny, yaml: string) => one.edit('agent.yaml', (text) => text.replace(/ {2}channels:\n(?: {4}.*\n)+/, `  channels:\n${yaml}`));
const withThresholds = (one: Tiny, yaml: string) => one.edit('agent.yaml', (text) => text.replace(/ {2}thresholds: .*\n/, `  thresholds: ${yaml}\n`));
const linesOf = (one: Tiny, file = 'alerts/alerts.jsonl') => readFileSync(one.path(file), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

describe('monitor run', () => {
  test('5.1 5.2 evaluates what is active, counts as evidence until the next due time, and replays the pilot once through the decision function', async () => {
    const one = base.copy();
    const report = await one.run('monitor', 'run');
    expect(report).toMatchObject({ exit: 0, headline: expect.stringContaining('no alert') });
    const [ran] = await one.entries('monitor.ran');
    expect(ran).toMatchObject({ validUntil: '2026-11-23T05:17:00.000Z', data: { dataset: 'watch', slot: null, missed: 0, interval: 86_400, alerts: 0, unmeasured: [], conditions: 5 } });
    const [sampled] = await one.entries('monitor.sampled');
    expect(sampled).toMatchObject({ data: { source: 'pilot/replayed', of: 60, actions: 60, rate: '0.20' } });
    expect(Number(sampled?.data['sampled'])).toBeGreaterThan(0);
    expect(sampled?.data['scored']).toBe(sampled?.data['sampled']);
    const actions = await one.entries('action.recorded');
    expect(actions).toHaveLength(60);
    expect(new Set(actions.map((entry) => entry.data['action'])).size).toBe(60);
    expect(new Set(actions.map((entry) => entry.data['source']))).toEqual(new Set(['pilot']));
    const moved = readdirSync(one.path('box/kept')).length + readdirSync(one.path('box/dropped')).length;
    expect(moved).toBe(actions.filter((entry) => entry.data['decision'] === 'permit').length);
    expect(moved).toBeGreaterThan(0);
    // Vague notes are doubt: they wait for a human.
    expect(actions.filter((entry) => entry.data['decision'] === 'escalate').length).toBeGreaterThanOrEqual(6);
    expect(readFileSync(one.path('artifacts/monitoring.json'), 'utf8')).toContain('"schedule":"17 3 * * *"');
    // A second run does not repeat effects by itself.
    await one.run('monitor', 'run');
    expect(await one.entries('action.recorded')).toHaveLength(60);
    expect(await one.entries('monitor.sampled')).toHaveLength(1);
  });

  test('5.1 a run covers its due time, and missed ones ring', async () => {
    const one = base.copy();
    await one.run('monitor', 'run');
    one.clock.set('2026-11-23T03:40:00.000Z');
    expect(await one.run('monitor', 'run')).toMatchObject({ exit: 0, data: { slot: '2026-11-23T03:17:00.000Z', missed: [] } });
    one.clock.set('2026-11-26T09:00:00.000Z');
    const status = await one.run('monitor', 'status');
    expect(status.data['missed']).toEqual(['2026-11-24T03:17:00.000Z', '2026-11-25T03:17:00.000Z', '2026-11-26T03:17:00.000Z']);
    expect(status.headline).toContain('3 runs missed');
    const late = await one.run('monitor', 'run');
    expect(late).toMatchObject({ exit: 1, data: { slot: null, alerts: [{ kind: 'missed', value: '3', threshold: '1' }] } });
    expect(linesOf(one).at(-1)).toMatchObject({ kind: 'missed', value: '3', test: false });
    expect((await one.entries('monitor.ran')).at(-1)?.data['missed']).toBe(3);
    expect((await one.run('monitor', 'status')).headline).toContain('1 alert is open');
  });

  test('5.3 drift is armed until there are seven days, and rings when a dimension falls', async () => {
    const one = base.copy();
    for (let day = 22; day < 28; day += 1) {
      one.clock.set(`2026-11-${day}T03:20:00.000Z`);
      await one.run('monitor', 'run');
    }
    one.clock.set('2026-11-28T03:20:00.000Z');
    expect((await one.run('monitor', 'status')).data['drift']).toBe('armed: 6 of 7 days');
    one.edit('rules.json', (text) => text.replace('"prize", ', ''));
    const fallen = await one.run('monitor', 'run');
    expect(fallen.data['alerts']).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'drift', condition: 'accuracy', threshold: '5' })]));
    expect(fallen.exit).toBe(1);
  });

  test('an undeclared pilot, a section without its pact, and held-out data are refused', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace(/ {2}pilot: .*\n/, ''));
    expect(await one.fault('monitor', 'run', { pilot: true })).toMatchObject({ code: 'USAGE' });
    one.edit('agent.yaml', (text) => text.replace('dataset: watch', 'dataset: held-out'));
    expect(await one.fault('monitor', 'run')).toMatchObject({ code: 'MANIFEST_INVALID', message: expect.stringContaining('held-out') });
    one.edit('agent.yaml', (text) => text.replace('  dataset: held-out\n  sample', '  dataset: watch\n  sample').replace('17 3 * * *', '0 0 30 2 *'));
    expect(await one.fault('monitor', 'run')).toMatchObject({ code: 'MANIFEST_INVALID', message: expect.stringContaining('due less than twice') });
  });

  test('5.2 an interrupted replay goes on where it stopped: each action once', async () => {
    const one = base.copy();
    const stop = new AbortController();
    const progress = () => ({ update: (done: number, total: number) => { if (total === 60 && done === 20) stop.abort(); }, end: () => undefined });
    Object.assign(one.world, { surroundings: { ...one.world.surroundings, interrupted: stop.signal }, talk: { ...one.world.talk, progress } });
    expect(await one.fault('monitor', 'run')).toMatchObject({ code: 'INTERRUPTED', exit: 130 });
    const before = (await one.entries('action.recorded')).length;
    expect(before).toBeGreaterThan(10);
    expect(before).toBeLessThan(40);
    Object.assign(one.world, { surroundings: { ...one.world.surroundings, interrupted: new AbortController().signal } });
    expect(await one.run('monitor', 'run')).toMatchObject({ exit: 0 });
    const actions = await one.entries('action.recorded');
    expect([actions.length, new Set(actions.map((entry) => entry.data['action'])).size]).toEqual([60, 60]);
    expect(await one.entries('monitor.sampled')).toMatchObject([{ data: { of: 60, actions: 60 } }]);
  });

  test('5.2 without a pilot the production traffic is what is sampled', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace(/ {2}pilot: .*\n/, ''));
    await one.run('monitor', 'run');
    expect((await one.entries('monitor.sampled'))[0]).toMatchObject({ data: { source: 'production', of: 0, sampled: 0, run: null } });
  });
});

describe('watching at every look', () => {
  test('5.4 runs leave their counts; status shows intervals that narrow, the chance of a false alarm, and a series to draw', async () => {
    const one = base.copy();
    expect((await one.run('monitor', 'status')).data).toMatchObject({ series: [], dimensions: [] });
    await one.run('monitor', 'run');
    await one.run('monitor', 'run');
    const [first] = await one.entries('monitor.ran');
    expect(first?.data['counts']).toEqual(expect.arrayContaining([expect.objectContaining({ condition: 'answers-right', hits: '64', n: 64, threshold: '0.85', operator: '>=' })]));
    const status = await one.run('monitor', 'status');
    expect(status.data['falseAlarms']).toBe('0.050000');
    expect(status.facts.find((fact) => fact.label === 'false alarms')?.value).toContain('at most 5 % that any of 10 watched together');
    const series = status.data['series'] as unknown as readonly { kind: string; id: string; points: readonly { n: number; value: string; low: string; high: string; reset: boolean }[] }[];
    expect(series.map(({ kind, id, points }) => [kind, id, points.length])).toEqual(expect.arrayContaining([['condition', 'answers-right', 2], ['dimension', 'accuracy', 2], ['composite', 'composite', 2]]));
    for (const { points } of series) for (const { value, low, high } of points) expect(Number(low) <= Number(value) && Number(value) <= Number(high)).toBe(true);
    const [early, late] = series.find((found) => found.id === 'answers-right')?.points ?? [];
    expect([early?.n, late?.n, early?.reset, late?.reset]).toEqual([64, 128, true, false]);
    expect(Number(late?.low)).toBeGreaterThan(Number(early?.low));
    expect(status.tables?.[0]?.rows.find(([id]) => id === 'answers-right')).toEqual(['answers-right', '>= 0.85', '1.000000', '128', '2', `${late?.low ?? ''}–1.000000`, 'no']);
  });

  test('5.3 5.4 a broken promise rings by its sequence, with where the share lies; a new build starts afresh', async () => {
    const one = base.copy();
    await one.run('monitor', 'run');
    one.edit('rules.json', (text) => text.replace('"prize", "offer", ', ''));
    const broken = await one.run('monitor', 'run');
    expect(broken.exit).toBe(1);
    const raised = await one.entries('alert.raised');
    expect(raised.map((entry) => [entry.data['kind'], entry.data['condition']])).toContainEqual(['sequence', 'advertising-dropped']);
    const alert = raised.find((entry) => entry.data['condition'] === 'advertising-dropped');
    expect(Number(alert?.data['high'])).toBeLessThan(0.8);
    expect((await one.run('monitor', 'status')).tables?.[0]?.rows.find(([id]) => id === 'advertising-dropped')).toEqual(expect.arrayContaining(['1', 'yes']));
  });

  test('5.2 production traffic is sampled and scored by the conditions that need no reference; every error is in', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace(/ {2}pilot: .*\n/, ''));
    const action = (n: number) => ({ action: `turn-${n}`, digest: null, capability: 'sorting', tool: 'keep_note', decision: 'permit', rule: 'permitted', pattern: null, confidence: '0.95', doubt: n % 4 === 0, pre: 'ok', post: 'none', outcome: n % 20 === 0 ? 'failed' : 'done', approval: null, reservation: null, source: 'production', policy: null, milliseconds: 3 });
    await one.withSession((session) => session.store.append(session.chain, Array.from({ length: 200 }, (_, n) => ({ type: 'action.recorded', agent: session.agent, actor: 'agentctl', data: action(n) }))));
    const report = await one.run('monitor', 'run');
    const [sampled] = await one.entries('monitor.sampled');
    expect(sampled?.data).toMatchObject({ source: 'production', of: 200, errors: 10, measured: [expect.objectContaining({ condition: 'asks-seldom' }), expect.objectContaining({ condition: 'answers-at-all' })] });
    expect(Number(sampled?.data['scored'])).toBeGreaterThan(30);
    const errors = (sampled?.data['measured'] as readonly { condition: string; value: string }[]).find((found) => found.condition === 'answers-at-all');
    // Ten of 200; unweighted, ten of some fifty would look like 20 %.
    expect(Number(errors?.value)).toBeGreaterThan(0.03);
    expect(Number(errors?.value)).toBeLessThan(0.08);
    expect(report.tables?.map((table) => table.title)).toContain('Production traffic');
    // What was looked at once is not looked at again.
    await one.run('monitor', 'run');
    expect((await one.entries('monitor.sampled')).at(-1)).toMatchObject({ data: { of: 0 } });
  });
});

test('5.2 a span that was sampled upstream stands for as many as its tracestate says', async () => {
  const one = base.copy();
  one.edit('agent.yaml', (text) => text.replace(/ {2}pilot: .*\n/, ''));
  const span = (n: number, tracestate?: string) => ({ trace: 'a'.repeat(32), span: String(n).padStart(16, '1'), parent: null, ...(tracestate !== undefined && { tracestate }), operation: 'chat', tool: null, provider: null, requestModel: null, responseModel: null, response: null, inputTokens: null, outputTokens: null, status: 'ok', error: null, service: null, decision: 'none', startedAt: '2026-11-22T11:00:00.000Z', endedAt: '2026-11-22T11:00:00.003Z', milliseconds: 3 });
  const spans = [span(1, 'ot=th:f;rv:ffffffffffffff'), span(2, 'ot=rv:ffffffffffffff'), span(3, 'ot=th:f;rv:e0000000000000')];
  await one.withSession((session) => session.store.append(session.chain, spans.map((data) => ({ type: 'action.observed', agent: session.agent, actor: 'agent', data }))));
  await one.run('monitor', 'run');
  const results = (await one.entries('monitor.sampled'))[0]?.data['results'];
  const text = await one.withSession(({ store }) => readBlobText(store, results), false);
  const rows = (text ?? '').trimEnd().split('\n').map((line) => JSON.parse(line) as { request: string; th: string; weight: string });
  // At 20 % each stands for five, unless upstream kept one of sixteen; what upstream would not have kept is not ours to keep.
  expect(rows.map(({ request, weight }) => [request.slice(-1), Number(weight).toFixed(1)])).toEqual([['1', '16.0'], ['2', '5.0']]);
});

describe('monitor test', () => {
  test('5.3 1.4 injected shift raises alerts that arrive at file and webhook, the request signed by the agent', async () => {
    const one = base.copy();
    const { url, got } = await webhook(204);
    withChannels(one, `    - { kind: file, path: alerts/alerts.jsonl }\n    - { kind: webhook, url: "${url}" }\n`);
    const report = await one.run('monitor', 'test');
    expect(report.exit).toBe(0);
    const raised = await one.entries('alert.raised');
    expect(raised.map((entry) => entry.data['condition'])).toContain('people-not-dropped');
    expect(raised.every((entry) => entry.data['test'] === true)).toBe(true);
    expect(await one.entries('monitor.tested')).toMatchObject([{ data: { alerts: raised.length, channels: 2, delivered: 2 } }]);
    expect(linesOf(one).map((line) => line['alert'])).toEqual(raised.map((entry) => entry.data['alert']));
    expect(got.map(({ body }) => (JSON.parse(body) as { alert: string }).alert)).toEqual(raised.map((entry) => entry.data['alert']));
    const did = String((await one.entries('identity.registered'))[0]?.data['agentDid']);
    const first = got[0];
    if (!first) throw new Error('nothing arrived');
    expect(await verifyRequest(first, keyOfDid(did), one.clock.now(), () => false)).toMatchObject({ ok: true, agent: { did } });
    expect(await one.entries('request.signed')).toHaveLength(raised.length);
    expect(JSON.stringify(await one.entries('alert.delivered'))).not.toContain('/hook');
  });

  const TWINS: readonly (readonly [string, (one: Tiny) => void | Promise<void>])[] = [
    ['thresholds are set so that nothing ever rings', (one) => withThresholds(one, '{ composite: "0", conditions: { answers-right: "0", advertising-dropped: "0", people-not-dropped: "1", asks-seldom: "1", answers-at-all: "1" } }')],
    ['the file channel swallows what is written', (one) => { Object.assign(one.world.files, { append: () => Promise.resolve() }); }],
    ['the file channel is a folder', (one) => { mkdirSync(one.path('alerts/alerts.jsonl'), { recursive: true }); }],
    ['the file channel is a link to somewhere else', (one) => { mkdirSync(one.path('alerts')); symlinkSync(one.path('elsewhere.jsonl'), one.path('alerts/alerts.jsonl')); }],
    ['one of two webhooks answers 500', async (one) => withChannels(one, `    - { kind: webhook, url: "${(await webhook(200)).url}" }\n    - { kind: webhook, url: "${(await webhook(500)).url}" }\n`)],
    ['nobody listens at the webhook', (one) => withChannels(one, '    - { kind: webhook, url: "http://127.0.0.1:9/" }\n')],
    ['the agent copes with the injected data', (one) => {
      one.edit('agent.js', (text) => text.replace("const guess = bad > 0 ? 'drop' : 'keep';", "const guess = bad > 0 && !text.includes(' made an ') ? 'drop' : 'keep';"));
    }],
  ];
  test.each(TWINS)('twin: %s, so the test fails and leaves no proof', async (_name, sabotage) => {
    const one = base.copy();
    await sabotage(one);
    const report = await one.run('monitor', 'test');
    expect(report.exit).toBe(1);
    expect(await one.entries('monitor.tested')).toEqual([]);
  });

  test('a lost alert in a scheduled run is recorded and ends in 6', async () => {
    const one = base.copy();
    withChannels(one, '    - { kind: webhook, url: "http://127.0.0.1:9/" }\n');
    one.edit('rules.json', (text) => text.replace('"prize", "offer", ', ''));
    expect(await one.run('monitor', 'run')).toMatchObject({ exit: 6 });
    expect((await one.entries('alert.delivered'))[0]).toMatchObject({ data: { ok: false } });
    expect((await one.entries('request.signed'))[0]).toMatchObject({ data: { status: null } });
    expect(await one.entries('monitor.ran')).toHaveLength(1);
  });
});

test('5.1 monitor schedule: in words, the next three, lines to paste; and it writes nothing', async () => {
  const one = base.copy();
  const report = await one.run('monitor', 'schedule');
  expect(report).toMatchObject({ exit: 0, headline: 'every day at 03:17 UTC', data: { due: ['2026-11-23T03:17:00.000Z', '2026-11-24T03:17:00.000Z', '2026-11-25T03:17:00.000Z'], missed: [] } });
  expect(report.notes?.join('\n')).toMatch(/17 3 \* \* \* cd '.*' && agentctl monitor run --no-input/);
  expect(report.notes?.join('\n')).toContain('- cron: "17 3 * * *"');
  writeFileSync(one.path('agent.yaml'), readFileSync(one.path('agent.yaml'), 'utf8').replace('17 3 * * *', '0 6 L * *'));
  expect((await one.run('monitor', 'schedule')).notes?.join('\n')).toContain('do not understand');
  writeFileSync(one.path('agent.yaml'), readFileSync(one.path('agent.yaml'), 'utf8').replace('0 6 L * *', '17 3 * * *'));
  expect(await one.fault('monitor', 'schedule', { format: 'windows' })).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('github, cron, systemd, kubernetes') });
});
