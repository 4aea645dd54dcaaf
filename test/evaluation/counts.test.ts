/** What a run leaves behind for whoever watches: exact counts, and a digest of what was counted. */
import { expect, test } from '@jest/globals';
import { countOf, goodStream, measureOf, withinLimit } from '../../src/evaluation/counts.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import { abstention, hardHam, pactOf, recall, rows } from './fixture.js';

test('5.4 counts are those of the judgement', () => {
  const results = judgeConditions(pactOf(recall, hardHam, abstention), [...rows(7), ...rows(4, { output: 'deliver', outcome: 'fail' }), ...rows(3, { expected: 'deliver', tags: ['hard-ham'], output: 'quarantine', outcome: 'fail' })]);
  expect(results.map((one) => countOf(one, { threshold: one.threshold, measure: 'm' })).map(({ condition, hits, n }) => [condition, hits, n])).toEqual([[recall.id, '7', 11], [hardHam.id, '3', 3], [abstention.id, '0', 14]]);
});

const RESULT = { id: 'x', dimension: 'latency', severity: 'major', operator: '<=', n: 40, value: '0.123457' } as const;
test.each([
  ['brier', '4.938280', '<='], ['score-mean', '4.938280', '<='], ['error-share', '5', '<='], ['confidence-auroc', null, '<='], ['ece', null, '<='], ['f1', null, '<='], ['cost-mean', null, '<='], ['tokens-mean', null, '<='],
] as const)('5.4 %s is counted as %s', (metric, hits, operator) => {
  expect(countOf({ ...RESULT, metric }, { threshold: '0.2', measure: 'm' })).toMatchObject({ hits, n: 40, operator, threshold: '0.2', weight: 2 });
});

test('5.4 latency is counted by the answers in time; a crash is never in time, an infrastructure error no answer', () => {
  const within = withinLimit([{ outcome: 'pass', cause: null, milliseconds: 250 }, { outcome: 'fail', cause: null, milliseconds: 251 }, { outcome: 'fail', cause: 'agent_crash', milliseconds: 1 }, { outcome: 'infrastructure', cause: 'timeout', milliseconds: 1 }], 250);
  expect(within).toEqual({ hits: 1, n: 3 });
  expect(countOf({ ...RESULT, metric: 'latency-p95', value: '250' }, { threshold: '250', measure: 'm', within })).toMatchObject({ hits: '1', n: 3, operator: '>=', threshold: '0.95' });
  expect(countOf({ ...RESULT, metric: 'latency-p99', value: '250' }, { threshold: '250', measure: 'm' })).toMatchObject({ hits: null });
});

test('5.4 more is better, whichever side was promised', () => {
  expect(goodStream({ operator: '>=', threshold: '0.85', hits: '9', n: 10 })).toEqual({ hits: 9, n: 10, least: 0.85 });
  expect(goodStream({ operator: '<=', threshold: '0.1', hits: '2', n: 10 })).toEqual({ hits: 8, n: 10, least: 0.9 });
  expect(goodStream({ operator: '<=', threshold: '0.1', hits: null, n: 10 })).toBeUndefined();
});

test('5.4 another threshold is the same measure, save where it is a limit in milliseconds', () => {
  expect(measureOf(recall, '0.7')).toEqual(measureOf(recall, '0.9'));
  expect(measureOf({ ...recall, metric: 'latency-p95' }, '200')).not.toEqual(measureOf({ ...recall, metric: 'latency-p95' }, '250'));
  expect(measureOf(recall, '0.7')).not.toEqual(measureOf({ ...recall, label: 'deliver' }, '0.7'));
});
