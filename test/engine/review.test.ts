/** Reviews as a whole: the window, what it looks at, the pages, and the signed decision. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import type { ReviewData } from '../../src/domain/review.js';
import { executeAction } from '../../src/enforcement/gateway/execute.js';
import { gatewayOf } from '../../src/engine/gateway.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let base: Tiny;
beforeAll(async () => {
  base = await accepted();
  await base.run('monitor', 'run');
});
afterAll(removeTinies);

const dataOf = (one: Tiny) => JSON.parse(readFileSync(one.path('artifacts/review.json'), 'utf8')) as ReviewData;
const page = (one: Tiny) => readFileSync(one.path('artifacts/review.html'), 'utf8');

async function propose(one: Tiny, id: string, more: { tool?: string; note?: string; confidence?: string }) {
  const { tool = 'keep_note', note = 'n-ffffffff', confidence = '0.95' } = more;
  return one.withSession(async (session) => {
    const { ports, context } = await gatewayOf(session);
    return executeAction(ports, context, { id, capability: 'sorting', tool, arguments: { note }, confidence, doubt: false, source: 'production', occurredAt: one.clock.now() });
  });
}

async function stateOf(one: Tiny) {
  return one.withSession(async (session) => (await computeStates(session, await gateTime(session))).steps.find((step) => step.id === 'review'), false);
}

describe('12.2 review run', () => {
  test('the first review is one of launch-readiness, over everything so far, and states its window', async () => {
    const one = base.copy();
    const report = await one.run('review', 'run');
    expect(report).toMatchObject({ exit: 0, data: { kind: 'launch-readiness' } });
    const data = dataOf(one);
    const [first] = await one.entries('ledger.opened');
    expect(data.window.from).toBe(first?.ts);
    expect(data.scores.map((series) => series.points.map((point) => point.purpose))).toEqual([['baseline'], ['monitor']]);
    expect(data.evaluation?.conditions).toHaveLength(5);
    expect(data.actions).toMatchObject({ total: 60, pilot: 60 });
    expect(data.actions.capabilities).toMatchObject([{ capability: 'sorting', actions: 60 }]);
    expect(data.escalations.rules.reduce((sum, rule) => sum + rule.count, 0)).toBe(data.actions.escalated);
    expect(data.ratings).toBeNull();
    const [entry] = await one.entries('review.run');
    expect(entry).toMatchObject({ validUntil: '2027-02-20T12:00:00.000Z', data: { deliverable: digestBytes(readFileSync(one.path('artifacts/review.json'))), html: digestBytes(page(one)), ratings: null, actions: 60 } });
  });

  test('12.2 near-misses and the least sure actions are found; drills are left out', async () => {
    const one = base.copy();
    await propose(one, 'p-denied', { tool: 'burn_note' });
    await propose(one, 'p-failed', {});
    await one.run('incident', 'drill');
    await one.run('review', 'run');
    const data = dataOf(one);
    expect(data.nearMisses.shown.slice(0, 2).map((row) => [row.tool, row.why])).toEqual([['keep_note', 'the tool failed'], ['burn_note', 'refused by the gateway']]);
    expect(data.incidents).toEqual({ rows: [], drills: 1 });
    const stated = data.lowConfidence.map((row) => Number(row.confidence));
    expect(stated).toEqual(stated.toSorted((a, b) => a - b));
    expect(stated.length).toBeLessThanOrEqual(10);
    expect(data.actions.denied).toBe(1);
  });

  test('12.2 no trend under three points of the same data; from three on there is one', async () => {
    const one = base.copy();
    await one.run('review', 'run');
    expect(dataOf(one).scores.flatMap((series) => series.trends).every((trend) => trend.change === null)).toBe(true);
    expect(page(one)).toContain('no trend line under three');
    expect(page(one)).not.toContain('<polyline');
    for (const day of ['23', '24', '25']) {
      one.clock.set(`2026-11-${day}T04:00:00.000Z`);
      await one.run('monitor', 'run');
    }
    await one.run('review', 'run');
    const data = dataOf(one);
    expect(data.kind).toBe('periodic');
    expect(data.window.from).toBe('2026-11-22T12:00:00.000Z');
    // The last evaluation before the window comes along as the place to start from.
    expect(data.scores.map((series) => series.points.length)).toEqual([4]);
    expect(data.scores[0]?.trends.every((trend) => trend.change !== null)).toBe(true);
    expect(page(one)).toContain('<polyline');
    expect(data.actions.total).toBe(0);
  });

  test('the page is one self-contained file, and texts from the record stay text', async () => {
    const one = base.copy();
    one.edit('agent.yaml', (text) => text.replace('name: Tiny Cooperative', 'name: "Tiny <script>alert(1)</script> | Co"'));
    await one.run('review', 'run');
    expect(page(one)).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)|src=|@import/);
    expect(page(one)).toContain('&lt;script&gt;');
    const markdown = readFileSync(one.path('artifacts/review.md'), 'utf8');
    expect(markdown).toContain('&lt;script&gt;');
    expect(markdown).toContain('\\| Co');
    expect(markdown).toContain('Unknown: no ratings were imported.');
  });
});

describe('12.3 review decide', () => {
  test('is a human act over the newest review; the texts of the actions stay in the payload', async () => {
    const one = base.copy();
    await one.run('review', 'run');
    await one.run('review', 'decide', { as: 'omar', decision: 'promote', action: ['ask Lena about letters', 'look again in March'] });
    const [entry] = await one.entries('review.decided');
    expect(entry).toMatchObject({ validUntil: '2027-02-20T12:00:00.000Z', data: { decision: 'promote', actions: 2, operator: 'omar', ceremony: 'scripted', due: '2027-02-20T12:00:00.000Z' } });
    expect(JSON.stringify(entry)).not.toContain('Lena');
    expect((await one.run('review', 'show')).facts).toContainEqual({ label: 'action 1', value: 'ask Lena about letters' });
    const state = await stateOf(one);
    expect(state?.findings.filter((finding) => finding.severity === 'must').map((finding) => finding.is)).toEqual(['yes', 'yes', 'yes', 'yes']);
    expect(state?.evidence.every((evidence) => evidence.stale === undefined)).toBe(true);
  });

  test('12.1 review and decision expire together, and a newer review needs a decision of its own', async () => {
    const one = base.copy();
    await one.run('review', 'run');
    await one.run('review', 'decide', { as: 'omar', decision: 'hold' });
    one.clock.set('2027-02-20T12:00:01.000Z');
    expect((await stateOf(one))?.state).toBe('stale');
    expect(await one.fault('review', 'decide', { as: 'omar', decision: 'hold' })).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl review run' });
    await one.run('review', 'run');
    const state = await stateOf(one);
    expect(state?.findings.find((finding) => finding.row === '12.3')).toMatchObject({ is: 'unknown', proof: 'attested' });
  });

  test.each([
    [{ as: 'omar' }, 'USAGE', /--decision is missing/], [{ as: 'omar', decision: 'maybe' }, 'USAGE', /"maybe"/], [{ as: 'omar', decision: 'retire' }, 'USAGE', /--action/],
    [{ as: 'erin', decision: 'hold' }, 'NOT_ALLOWED', /operations/], [{ decision: 'hold' }, 'USAGE', /--as/],
  ])('%j is refused with %s', async (options, code, message) => {
    const one = base.copy();
    await one.run('review', 'run');
    const fault = await one.fault('review', 'decide', options);
    expect([fault.code, `${fault.message} ${fault.hint ?? ''}`]).toEqual([code, expect.stringMatching(message)]);
    expect(await one.entries('review.decided')).toHaveLength(0);
  });

  test('without a review there is nothing to decide on or to show', async () => {
    const one = base.copy();
    expect(await one.fault('review', 'decide', { as: 'omar', decision: 'hold' })).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl review run' });
    expect(await one.fault('review', 'show')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl review run' });
  });

  test('10.6 the review after an incident counts only when it was written after the incident ended', async () => {
    const one = base.copy();
    const opened = await one.run('incident', 'open', { trigger: 'manual' });
    const id = String((opened.data as { incident: string }).incident);
    await one.run('incident', 'scope', {}, [id]);
    await one.run('review', 'run');
    await one.run('incident', 'close', { as: 'omar' }, [id]);
    const answer = async () => one.withSession(async (session) => (await computeStates(session, await gateTime(session))).steps.flatMap((step) => step.findings).find((finding) => finding.id === 'incident.review'), false);
    await one.run('review', 'decide', { as: 'omar', decision: 'hold' });
    expect(await answer()).toMatchObject({ is: 'yes', because: expect.stringContaining('is due by 2026-11-29') });
    one.clock.set('2026-11-29T12:00:01.000Z');
    expect(await answer()).toMatchObject({ is: 'no', because: expect.stringContaining('was due on') });
    await one.run('review', 'run');
    await one.run('review', 'decide', { as: 'omar', decision: 'hold' });
    expect(await answer()).toMatchObject({ is: 'yes', because: expect.stringContaining('followed by a review') });
    expect(dataOf(one).incidents.rows).toMatchObject([{ incident: id, severity: 'sev1' }]);
  });
});
