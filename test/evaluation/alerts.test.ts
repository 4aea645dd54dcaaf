/** What rings, and what only looks as if it should. */
import { describe, expect, test } from '@jest/globals';
import { strictness, watch } from '../../src/evaluation/alerts.js';
import { countOf, type Look } from '../../src/evaluation/counts.js';
import type { Condition } from '../../src/evaluation/condition.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import type { ResultRow } from '../../src/evaluation/score.js';
import { pactOf, recall, rows } from './fixture.js';

const ALPHA = 0.05;
/** One look at rows that are at hand. */
function seen(all: readonly ResultRow[], composite: string, ...conditions: readonly Condition[]) {
  const results = judgeConditions(pactOf(...conditions), all);
  const look: Look = { at: '2026-11-22T12:00:00.000Z', run: 'r', build: 'b', dimensions: {}, composite: null, counts: results.filter((one) => one.value !== null).map((one) => countOf(one, { threshold: one.threshold, measure: 'm' })) };
  const strict = judgeConditions({ ...pactOf(...conditions), confidence: String(strictness([look], ALPHA)) }, all);
  return watch({ results, strict, looks: [look], thresholds: { composite }, alpha: ALPHA });
}
const caught = (right: number, wrong: number) => [...rows(right), ...rows(wrong, { output: 'deliver', outcome: 'fail' })];
const promise: Condition = { ...recall, threshold: '0.80' };

describe('a condition', () => {
  test.each([[200, 100, ['sequence']], [78, 22, []], [95, 5, []]])('5.3 %d caught and %d missed against 80 %% ring %j', (right, wrong, kinds) => {
    expect(seen(caught(right, wrong), '0', promise).breaches.map((one) => one.kind)).toEqual(kinds);
  });
  test('5.3 the alert says where the share lies', () => {
    const [breach] = seen(caught(200, 100), '0', promise).breaches;
    expect(breach).toMatchObject({ kind: 'sequence', condition: recall.id, value: '0.666667', threshold: '0.80' });
    expect(Number(breach?.low)).toBeLessThan(0.6667);
    expect(Number(breach?.high)).toBeLessThan(0.8);
  });
  test('5.3 5.4 a metric without a sequence rings by the run alone, at a stricter confidence', () => {
    const ranks: Condition = { ...recall, id: 'ranks', metric: 'confidence-auroc', threshold: '0.9' };
    delete (ranks as { label?: string }).label;
    const backwards = [...rows(60, { confidence: '0.2' }), ...rows(60, { confidence: '0.9', output: 'deliver', outcome: 'fail' })];
    expect(seen(backwards, '0', ranks).breaches).toMatchObject([{ kind: 'condition', condition: 'ranks' }]);
    expect(strictness([], ALPHA)).toBeGreaterThan(0.95);
  });
  test('5.3 what no case is about is named, and does not ring', () => {
    expect(seen([], '0.9', promise)).toMatchObject({ breaches: [], unmeasured: [recall.id] });
  });
});

describe('the composite', () => {
  test('5.3 rings when it is below its threshold and its bounds are too', () => {
    expect(seen(caught(200, 100), '0.90', { ...promise, threshold: '0.10' }).breaches).toMatchObject([{ kind: 'composite', condition: null, value: '0.666667', threshold: '0.90' }]);
  });
  test('5.4 a composite a little below its threshold over few cases does not', () => {
    expect(seen(caught(26, 4), '0.90', { ...promise, threshold: '0.10' }).breaches).toEqual([]);
  });
});
