import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import type { Entry } from '../../src/domain/entry.js';
import { actionFigures } from '../../src/engine/review/actions.js';
import { seriesOf } from '../../src/engine/review/scores.js';
import { review } from '../../src/steps/12-review.js';
import { digestOf, findingOf, NOW, stepIo, type Seen } from '../support/step-io.js';

const ran = (data: JsonObject = {}) => ({
  type: 'review.run', validUntil: '2027-02-20T12:00:00.000Z',
  data: { kind: 'launch-readiness', from: NOW, to: NOW, actions: 60, escalations: 9, denials: 1, nearMisses: 2, alerts: 0, incidents: 0, waivers: 0, evaluations: 2, ratings: null, deliverable: digestOf('d'), ...data },
});
const decided = (letter: string) => ({ type: 'review.decided', data: { deliverable: digestOf(letter), decision: 'promote', actions: 1, due: NOW, act: digestOf('a') } });
const HUMAN: NonNullable<Seen['human']> = { act: 'review-decide', operator: 'omar', name: 'Omar', roles: ['operations'], sentence: 's', ceremony: 'interactive', subject: digestOf('s'), at: NOW };
const SEEN = (...entries: NonNullable<Seen['entries']>): Seen => ({ entries, human: HUMAN });

describe('probes', () => {
  const CASES: readonly (readonly [row: string, probe: string, section: JsonObject, seen: Seen, is: string, because: RegExp])[] = [
    ['12.1', 'review.schedule', { every: 'P90D' }, SEEN(), 'yes', /P90D, at standard/],
    ['12.1', 'review.schedule', { every: 'P120D' }, SEEN(), 'no', /at most P92D/],
    ['12.1', 'review.schedule', { every: 'P90D' }, { ...SEEN(), stakes: 'high' }, 'no', /at most P31D/],
    ['12.1', 'review.schedule', { every: 'P30D' }, { ...SEEN(), stakes: 'high' }, 'yes', /P30D, at high/],
    ['12.1', 'review.schedule', { every: 'P90D', participants: ['legal'] }, SEEN(), 'no', /no operator holds the role legal/],
    ['12.1', 'review.current', { every: 'P90D' }, SEEN(), 'unknown', /no review yet/],
    ['12.1', 'review.current', { every: 'P90D' }, SEEN(ran()), 'yes', /due by 2027-02-20/],
    ['12.1', 'review.current', { every: 'P90D' }, { ...SEEN(ran()), now: '2027-02-20T12:00:00.001Z' }, 'unknown', /overdue/],
    ['12.2', 'review.beyond-alerts', { every: 'P90D' }, SEEN(), 'unknown', /no review yet/],
    ['12.2', 'review.beyond-alerts', { every: 'P90D' }, SEEN(ran()), 'yes', /2 evaluations, 60 actions, 9 escalated/],
    ['12.2', 'review.beyond-alerts', { every: 'P90D' }, SEEN(ran({ evaluations: 0 })), 'unknown', /no scores/],
    ['12.2', 'review.ratings', { every: 'P90D' }, SEEN(), 'unknown', /none were imported/],
    ['12.2', 'review.ratings', { every: 'P90D' }, SEEN(ran()), 'unknown', /none were imported/],
    ['12.2', 'review.ratings', { every: 'P90D' }, SEEN(ran({ ratings: 4 })), 'yes', /4 ratings/],
    ['12.2', 'review.reputation', { every: 'P90D' }, SEEN(ran()), 'unknown', /no registry/],
    ['12.3', 'review.decided', { every: 'P90D' }, SEEN(ran()), 'unknown', /not decided/],
    ['12.3', 'review.decided', { every: 'P90D' }, SEEN(ran(), decided('d')), 'yes', /promote with 1 action, by Omar \(interactive\)/],
    ['12.3', 'review.decided', { every: 'P90D' }, SEEN(ran(), decided('e')), 'unknown', /newer review/],
    ['12.3', 'review.decided', { every: 'P90D' }, { entries: [ran(), decided('d')] }, 'unknown', /not decided/],
  ];
  test.each(CASES)('%s %s with %j', async (row, probe, section, seen, is, because) => {
    const found = await findingOf(review, section, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });

  test('12.3 is attested, and a must', () => {
    expect(review.probes.find((probe) => probe.row === '12.3')).toMatchObject({ severity: 'must', proof: 'attested' });
  });
});

const entries = async (seen: Seen, type: string): Promise<readonly Entry[]> => stepIo(seen).evidence.list(type);
const finished = (ts: string, accuracy: string, dataset = 'watch 1') => ({ type: 'evaluation.finished', ts, data: { run: ts, purpose: 'monitor', composite: accuracy, dimensions: { accuracy }, versions: { dataset } } });
const action = (data: JsonObject) => ({ type: 'action.recorded', data: { capability: 'c', tool: 't', decision: 'permit', rule: 'within-policy', outcome: 'done', post: 'ok', approval: null, confidence: '0.9', source: 'production', digest: null, ...data } });

describe('12.2 what it looks at', () => {
  test('runs on other data are another series, and two points make no trend', async () => {
    const seen = { entries: [finished('2026-11-20T00:00:00.000Z', '0.90'), finished('2026-11-21T00:00:00.000Z', '0.70', 'held-out 2'), finished('2026-11-22T00:00:00.000Z', '0.80')] };
    const series = seriesOf(await entries(seen, 'evaluation.finished'));
    expect(series.map((one) => [one.dataset, one.points.length, one.trends[0]?.change])).toEqual([['watch 1', 2, null], ['held-out 2', 1, null]]);
  });

  test('three points make one: first, last, lowest, change', async () => {
    const seen = { entries: [finished('2026-11-20T00:00:00.000Z', '0.90'), finished('2026-11-21T00:00:00.000Z', '0.70'), finished('2026-11-22T00:00:00.000Z', '0.80')] };
    expect(seriesOf(await entries(seen, 'evaluation.finished'))[0]?.trends).toEqual([{ dimension: 'accuracy', points: 3, first: '0.90', last: '0.80', lowest: '0.700000', change: '-0.100000' }]);
  });

  test.each([
    ['denied', { decision: 'deny', rule: 'tool-unlisted', outcome: 'not-run' }, 'refused by the gateway'],
    ['denied while suspended', { decision: 'deny', rule: 'suspended', outcome: 'not-run' }, undefined],
    ['escalated', { decision: 'escalate', outcome: 'not-run' }, undefined],
    ['refused by a human', { decision: 'escalate', outcome: 'not-run', digest: digestOf('r') }, 'a human refused it'],
    ['failed', { outcome: 'failed' }, 'the tool failed'],
    ['unknown', { outcome: 'unknown' }, 'nobody can tell whether it happened'],
    ['wrong result', { post: 'failed' }, 'the result was not what the tool promises'],
    ['done', {}, undefined],
    ['a drill', { decision: 'deny', outcome: 'not-run', source: 'drill' }, undefined],
  ])('an action that was %s', async (_name, data, why) => {
    const figures = actionFigures(await entries({ entries: [action(data)] }, 'action.recorded'), new Set([digestOf('r')]));
    expect(figures.nearMisses.shown[0]?.why).toBe(why);
  });

  test('the ten least sure of those that no human looked at, lowest first', async () => {
    const many = Array.from({ length: 12 }, (_, index) => action({ confidence: `0.${90 - index}` }));
    const figures = actionFigures(await entries({ entries: [...many, action({ confidence: '0.1', decision: 'escalate' }), action({ confidence: '0.2', approval: 'ap-1' }), action({ confidence: null })] }, 'action.recorded'), new Set());
    expect(figures.lowConfidence.map((row) => row.confidence)).toEqual(['0.79', '0.80', '0.81', '0.82', '0.83', '0.84', '0.85', '0.86', '0.87', '0.88']);
  });
});
