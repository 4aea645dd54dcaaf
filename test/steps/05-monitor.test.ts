import { afterAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes } from '../../src/domain/digest.js';
import { schemas } from '../../src/adapters/schemas.js';
import { monitor, monitoringPlan, monitoringSection, type MonitoringSection } from '../../src/steps/05-monitor.js';
import { deadlineOf, longestGap, slotsAt } from '../../src/evaluation/slots.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { cronInWords, isPortable } from '../../src/engine/monitor/words.js';
import { findingOf, NOW, type Seen } from '../support/step-io.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';
import { counted } from '../evaluation/counted.js';

afterAll(removeTinies);

const SECTION: MonitoringSection = {
  schedule: '17 3 * * *', dataset: 'watch', pilot: { dataset: 'pilot' }, sample: '0.15', thresholds: { composite: '0.80' },
  drift: { percent: 5, window: 'P7D' }, channels: [{ kind: 'file', path: 'alerts.jsonl' }], shift: 'shift',
};
const PACT = canonical({ pacts: {
  datasets: [{ id: 'held-out', use: 'held-out' }, { id: 'watch', use: 'tuning' }, { id: 'shift', use: 'shift' }, { id: 'pilot', use: 'pilot' }],
  agreements: [{ capability: 'sorting', conditions: [{ id: 'right', operator: '>=', threshold: '0.85' }, { id: 'asks', operator: '<=', threshold: '0.2' }] }],
} });
const SIGNED = { type: 'pact.signed', data: { document: digestBytes(PACT) } };
const ran = (data: JsonObject = {}, more: JsonObject = {}) => ({
  type: 'monitor.ran', ts: NOW, validUntil: '2026-11-23T05:17:00.000Z', ...more,
  data: { run: 'r', dataset: 'watch', interval: 86_400, missed: 0, unmeasured: [], composite: '0.950000', conditions: 2, alerts: 0, dimensions: { accuracy: '0.9' }, ...data },
});
const sampled = (data: JsonObject = {}) => ({ type: 'monitor.sampled', data: { source: 'pilot/replayed', of: 60, actions: 60, sampled: 9, scored: 9, rate: '0.15', ...data } });
const tested = (data: JsonObject = {}) => ({ type: 'monitor.tested', data: { alerts: 2, channels: 1, delivered: 1, ...data } });
const SEEN = (...entries: NonNullable<Seen['entries']>): Seen => ({ entries: [SIGNED, ...entries], blobs: { [digestBytes(PACT)]: PACT } });

describe('probes', () => {
  const CASES: readonly (readonly [string, string, JsonObject, Seen, string, RegExp])[] = [
    ['5.1', 'monitor.datasets', {}, SEEN(), 'yes', /declared/],
    ['5.1', 'monitor.datasets', { dataset: 'held-out' }, SEEN(), 'no', /wears out/],
    ['5.1', 'monitor.datasets', { dataset: 'nowhere' }, SEEN(), 'no', /no data set/],
    ['5.1', 'monitor.datasets', { shift: 'watch' }, SEEN(), 'no', /shift is watch, whose use is tuning/],
    ['5.1', 'monitor.datasets', { pilot: { dataset: 'shift' } }, SEEN(), 'no', /use: pilot/],
    ['5.1', 'monitor.datasets', { drift: { percent: 5, window: 'P30D' } }, SEEN(), 'no', /7 days/],
    ['5.1', 'monitor.datasets', { channels: [{ kind: 'webhook', path: 'x' }] }, SEEN(), 'no', /webhook without "url"/],
    ['5.1', 'monitor.daily', {}, SEEN(), 'unknown', /no scheduled run/],
    ['5.1', 'monitor.daily', {}, SEEN(ran({ interval: 604_800 })), 'yes', /168 h/],
    ['5.1', 'monitor.daily', {}, { ...SEEN(ran({ interval: 604_800 })), stakes: 'high' }, 'no', /high stakes ask for a run a day/],
    ['5.1', 'monitor.daily', {}, { ...SEEN(ran()), stakes: 'high' }, 'yes', /24 h/],
    ['5.1', 'monitor.current', {}, SEEN(), 'unknown', /no scheduled run/],
    ['5.1', 'monitor.current', {}, SEEN(ran()), 'yes', /missed after 2026-11-23 05:17/],
    ['5.1', 'monitor.current', {}, { ...SEEN(ran()), now: '2026-11-23T05:17:00.001Z' }, 'unknown', /missed/],
    ['5.1', 'monitor.missed', {}, SEEN(ran({ missed: 2 })), 'no', /2 due runs/],
    ['5.1', 'monitor.missed', {}, SEEN(ran()), 'yes', /none/],
    ['5.2', 'monitor.sample', {}, SEEN(), 'unknown', /nothing sampled/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled()), 'yes', /9 of 60 requests \(pilot\/replayed\)/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled({ sampled: 0 })), 'unknown', /too few/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled({ source: 'production', scored: 0 })), 'unknown', /no condition of the pact can be told without a reference/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled({ source: 'production', errors: 3 })), 'yes', /all 3 errors are among them/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled({ source: 'production', errors: 3, complaints: 2 })), 'yes', /all 3 errors and all 2 complaints are among them/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled({ rate: '0.20' })), 'unknown', /nothing sampled/],
    ['5.2', 'monitor.sample', {}, SEEN(sampled(), sampled({ source: 'production', of: 0, sampled: 0 })), 'yes', /pilot/],
    ['5.3', 'monitor.conditions', {}, SEEN(), 'unknown', /no scheduled run/],
    ['5.3', 'monitor.conditions', {}, SEEN(ran()), 'yes', /2 conditions/],
    ['5.3', 'monitor.conditions', {}, SEEN(ran({ unmeasured: ['asks'] })), 'no', /no case for asks/],
    ['5.3', 'monitor.conditions', { thresholds: { composite: '0.8', conditions: { right: '0' } } }, SEEN(ran()), 'no', /right alerts at 0, but >= 0.85 is promised/],
    ['5.3', 'monitor.conditions', { thresholds: { composite: '0.8', conditions: { asks: '1' } } }, SEEN(ran()), 'no', /asks alerts at 1/],
    ['5.3', 'monitor.conditions', { thresholds: { composite: '0.8', conditions: { other: '0.5' } } }, SEEN(ran()), 'no', /no condition/],
    ['5.3', 'monitor.conditions', { thresholds: { composite: '0.8', conditions: { right: '0.9', asks: '0.1' } } }, SEEN(ran()), 'yes', /2 conditions/],
    ['5.3', 'monitor.delivery', {}, SEEN(), 'unknown', /not passed/],
    ['5.3', 'monitor.delivery', {}, SEEN(tested()), 'yes', /read back from 1 channel/],
    ['5.3', 'monitor.delivery', { channels: [{ kind: 'file', path: 'a' }, { kind: 'file', path: 'b' }] }, SEEN(tested()), 'no', /1 of 1/],
    ['5.3', 'monitor.delivery', {}, SEEN(tested(), { type: 'alert.delivered', data: { run: 'r', ok: false } }, ran({ alerts: 1 })), 'no', /1 deliveries/],
    ['5.3', 'monitor.quiet', {}, SEEN(ran({ alerts: 1 })), 'no', /1 alert/],
    ['5.3', 'monitor.quiet', {}, SEEN(ran()), 'yes', /no alert/],
    ['5.3', 'monitor.drift', {}, SEEN(ran()), 'unknown', /armed: 1 of 7 days/],
    ['5.3', 'monitor.drift', {}, SEEN(...days('0.9', '0.9')), 'yes', /days with scores/],
    ['5.3', 'monitor.drift', {}, SEEN(...days('0.9', '0.8', 1000)), 'no', /accuracy fell by 11.* below the days before/],
    ['5.3', 'monitor.drift', {}, SEEN(...days('0.9', '0.8', 20)), 'unknown', /accuracy fell by 11.* chance could do/],
    ['5.3', 'monitor.drift', {}, SEEN(...days('0.9', '0.8')), 'unknown', /chance could do/],
    ['5.4', 'monitor.repeated', {}, SEEN(), 'unknown', /no scheduled run/],
    ['5.4', 'monitor.repeated', {}, SEEN(ran()), 'unknown', /no counts to watch by/],
    ['5.4', 'monitor.repeated', {}, SEEN(ran(), ran({ counts: [counted()] })), 'yes', /^3 are watched together over 2 runs: at most 5 % that any ever rings falsely/],
  ];
  test.each(CASES)('%s %s with %j is %#', async (row, probe, change, seen, is, because) => {
    const found = await findingOf(monitor, { ...SECTION, ...change } as JsonObject, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });
});

function days(first: string, last: string, n?: number): NonNullable<Seen['entries']> {
  const counts = (score: string) => (n === undefined ? {} : { counts: [counted({ hits: String(Math.round(Number(score) * n)), n })] });
  return [16, 17, 18, 19, 20, 21, 22].map((day) => ran({ build: 'b', dimensions: { accuracy: day === 22 ? last : first }, ...counts(day === 22 ? last : first) }, { ts: `2026-11-${day}T03:20:00.000Z` }));
}

describe('the section', () => {
  test.each([
    ['0.10', true], ['0.15', true], ['0.2', true], ['0.20', true], ['0.200000', true], ['0.09', false], ['0.21', false], ['0.3', false], ['1', false], ['.15', false],
  ])('5.2 sample %s is accepted: %s', async (sample, fits) => {
    expect((await schemas().check(monitoringSection, { ...SECTION, sample } as unknown as JsonObject)).length === 0).toBe(fits);
  });

  test.each([
    ['https://hooks.example.com/x', true], ['http://127.0.0.1:8080/x', true], ['http://hooks.example.com/x', false], ['https://user:secret@example.com/', false], ['ftp://x/', false], ['http://localhost.evil.example/', false],
  ])('a webhook at %s is accepted: %s', async (url, fits) => {
    expect((await schemas().check(monitoringSection, { ...SECTION, channels: [{ kind: 'webhook', url }] } as unknown as JsonObject)).length === 0).toBe(fits);
  });

  test('the deliverable names no address of a webhook', () => {
    expect(JSON.stringify(monitoringPlan({ ...SECTION, channels: [{ kind: 'webhook', url: 'https://hooks.example.com/secret' }] }))).not.toContain('secret');
  });
});

describe('5.1 due times', () => {
  const day = (n: number, time = '03:17:00.000') => `2026-11-${n}T${time}Z`;
  test.each([
    [[], day(23), day(22, '12:00:00.000'), null, []],
    [[day(22)], day(23), day(22, '05:17:00.000'), day(22), []],
    [[day(22)], day(23), day(22, '05:17:00.001'), null, [day(22)]],
    [[day(20), day(21), day(22)], day(23), day(22, '03:17:00.000'), day(22), [day(20), day(21)]],
  ])('due %j, next %s, at %s', (due, next, now, covers, missed) => {
    expect(slotsAt(due, next, now)).toEqual({ covers, missed });
  });

  test('grace is half the interval, at most two hours', () => {
    expect(deadlineOf(day(22), day(22, '03:47:00.000'))).toBe(day(22, '03:32:00.000'));
    expect(deadlineOf(day(22), undefined)).toBe(day(22, '05:17:00.000'));
    expect([longestGap([]), longestGap([day(22)]), longestGap([day(20), day(21), day(23)])]).toEqual([null, null, 172_800]);
  });

  test.each([
    ['17 3 * * *', 'every day at 03:17 UTC', true], ['5 4 * * 1', 'every Monday at 04:05 UTC', true], ['0 0 1 * *', 'on day 1 of every month at 00:00 UTC', true],
    ['30 * * * *', 'every hour at minute 30', true], ['0 */6 * * *', 'every 6 hours at minute 0, UTC', true], ['0 6 L * *', 'cron "0 6 L * *", in UTC', false], ['0 6 * * 1#2', 'cron "0 6 * * 1#2", in UTC', false], ['0 6 * JUL WED', 'cron "0 6 * JUL WED", in UTC', true],
  ])('%s in words', (cron, words, portable) => {
    expect([cronInWords(cron), isPortable(cron)]).toEqual([words, portable]);
  });
});

describe('the state of the step', () => {
  const stateOf = (one: Tiny) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const { state, because, next } = steps.find((step) => step.id === 'monitor') ?? { state: '', because: '', next: null };
    return { state, because, next };
  }, false);

  test('unproven, passed after run and test, stale after an edit or a missed run', async () => {
    const one = await accepted();
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', next: 'agentctl monitor run' });
    await one.run('monitor', 'run');
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', next: 'agentctl monitor test' });
    await one.run('monitor', 'test');
    expect(await stateOf(one)).toMatchObject({ state: 'passed', next: null });
    const edited = one.copy();
    edited.edit('agent.yaml', (text) => text.replace('composite: "0.80"', 'composite: "0.85"'));
    expect(await stateOf(edited)).toMatchObject({ state: 'stale', because: expect.stringContaining('thresholds.composite "0.80" -> "0.85"') });
    one.clock.set('2026-11-23T05:18:00.000Z');
    expect(await stateOf(one)).toMatchObject({ state: 'stale', because: expect.stringContaining('expired'), next: 'agentctl monitor run' });
    await one.run('monitor', 'run');
    expect(await stateOf(one)).toMatchObject({ state: 'passed' });
  });
});
