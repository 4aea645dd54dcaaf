/** Two runs on the same cases, against published values; and what must not count as a change. */
import { describe, expect, test } from '@jest/globals';
import { Comparer, type CompareOptions } from '../../src/evaluation/compare.js';
import type { Condition } from '../../src/evaluation/condition.js';
import type { ResultRow } from '../../src/evaluation/score.js';
import { omit, pactOf, recall, row } from './fixture.js';

const right: Condition = { ...omit(recall, 'label'), id: 'right', metric: 'accuracy' };
const strict: CompareOptions = { alpha: 0.05, drop: 0 };
const wrong: Partial<ResultRow> = { outcome: 'fail', output: 'deliver' };

/** Of `n` cases, `lost` passed before only, `won` after only; the rest passed in both. */
function compared({ lost, won, n, groups }: { lost: number; won: number; n: number; groups?: number }, condition: Condition = right, options = strict) {
  const comparer = new Comparer(pactOf(condition));
  for (let at = 0; at < n; at += 1) {
    const place = { case: `c${at}`, group: groups === undefined ? `c${at}` : `g${at % groups}` };
    comparer.add('before', row({ ...place, ...(at >= lost && at < lost + won ? wrong : {}) }));
    comparer.add('after', row({ ...place, ...(at < lost ? wrong : {}) }));
  }
  return comparer.comparison(options);
}

describe('3.3 paired by case', () => {
  test.each([[121, 59, 0.000004, 'regressed'], [59, 121, 0.000004, 'improved'], [70, 59, 0.378688, 'unchanged'], [80, 59, 0.089452, 'unchanged'], [10, 10, 1, 'unchanged']])('%i lost, %i won: p %d, %s (exact McNemar, Vassar)', (lost, won, p, change) => {
    const { conditions: [one], flips, pairs } = compared({ lost, won, n: 1000 });
    expect(Number(one?.p)).toBeCloseTo(p, 5);
    expect(one).toMatchObject({ change, pairs: 1000, difference: ((won - lost) / 1000).toFixed(6) });
    expect([flips.length, flips.filter((flip) => flip.before === 'pass').length, pairs]).toEqual([lost + won, lost, 1000]);
  });
  test('evidence without size is no regression where a size is asked for', () => {
    expect(compared({ lost: 20, won: 0, n: 10_000 }).conditions[0]?.change).toBe('regressed');
    expect(compared({ lost: 20, won: 0, n: 10_000 }, right, { ...strict, drop: 0.01 }).conditions[0]).toMatchObject({ change: 'unchanged', because: 'shown, but smaller than 0.01' });
  });
  test('near duplicates that flip together are one piece of evidence', () => {
    expect(compared({ lost: 10, won: 0, n: 100 }).conditions[0]?.change).toBe('regressed');
    // The same ten cases, all of one family.
    const comparer = new Comparer(pactOf(right));
    for (let at = 0; at < 100; at += 1) {
      const place = { case: `c${at}`, group: at < 10 ? 'family' : `g${at}` };
      comparer.add('before', row(place));
      comparer.add('after', row({ ...place, ...(at < 10 ? wrong : {}) }));
    }
    expect(comparer.comparison(strict).conditions[0]?.change).toBe('unchanged');
  });
  test('a case that only one run has is no pair, and an outage is no flip', () => {
    const comparer = new Comparer(pactOf(right));
    comparer.add('before', row({ case: 'only' }));
    for (const side of ['before', 'after'] as const) comparer.add(side, row({ case: 'both', ...(side === 'after' && { outcome: 'infrastructure', cause: 'timeout', output: null }) }));
    expect(comparer.comparison(strict)).toMatchObject({ pairs: 1, flips: [], conditions: [{ change: 'not-compared', because: 'no case was measured in both runs' }] });
  });
  test.each([
    ['20 ms more of 100 are worse', 20, '100', { change: 'regressed' }],
    ['20 ms less of 100 are better', -20, '100', { change: 'improved' }],
    ['20 ms more of 250 may be what else the machine did', 20, '250', { change: 'unchanged', because: 'shown, but less than a tenth of the 250 ms that are promised' }],
  ])('where less is better: %s', (_, more, threshold, expected) => {
    const slow: Condition = { ...omit(recall, 'label'), id: 'soon', metric: 'latency-p95', operator: '<=', threshold };
    const comparer = new Comparer(pactOf(slow));
    for (let at = 0; at < 50; at += 1) {
      comparer.add('before', row({ case: `c${at}`, group: `c${at}`, milliseconds: 30 + (at % 3) }));
      comparer.add('after', row({ case: `c${at}`, group: `c${at}`, milliseconds: 30 + more + (at % 5) }));
    }
    expect(comparer.comparison(strict).conditions[0]).toMatchObject(expected);
  });
  test('what is about all cases together is not paired, and says so', () => {
    expect(compared({ lost: 5, won: 5, n: 100 }, { ...recall, metric: 'f1' }).conditions[0]).toMatchObject({ change: 'not-compared', p: null, because: expect.stringContaining('all cases together') });
  });
  test('among many conditions, one that chance alone would bring is not shown', () => {
    // Alone, 9 lost and 1 won are p 0.021; ten such looks are not.
    expect(compared({ lost: 9, won: 1, n: 100 }).conditions[0]).toMatchObject({ change: 'regressed' });
    const quiet = Array.from({ length: 9 }, (_, at) => ({ ...right, id: `quiet-${at}`, metric: 'abstention' as const, operator: '<=' as const }));
    const comparer = new Comparer(pactOf(right, ...quiet));
    for (let at = 0; at < 100; at += 1) {
      comparer.add('before', row({ case: `c${at}`, group: `c${at}`, ...(at === 9 ? wrong : {}) }));
      comparer.add('after', row({ case: `c${at}`, group: `c${at}`, ...(at < 9 ? wrong : {}) }));
    }
    expect(comparer.comparison(strict).conditions.find(({ id }) => id === 'right')).toMatchObject({ change: 'unchanged', because: expect.stringContaining('chance alone') });
  });
});
