/** Clustered errors against the test suite of Inspect. */
import { describe, expect, test } from '@jest/globals';
import { clusteredBounds, clusteredMean, clusteredUnitBounds, clustersOf } from '../../../src/evaluation/statistics/clustered.js';

describe('clustered means', () => {
  const fourClusters = [0, 1, 2, 3].map((k) => ({ n: 5, sum: 5 * k + 40 }));
  test('3.3 clustered error of the Inspect test suite', () => {
    const mean = clusteredMean(fourClusters);
    expect(mean?.mean).toBe(9.5);
    expect(mean?.error).toBeCloseTo(0.645, 3);
    expect(mean?.degrees).toBe(3);
    const bounds = mean && clusteredBounds(mean, 0.975);
    expect(bounds?.low).toBeCloseTo(7.44574, 4);
    expect(bounds?.high).toBeCloseTo(11.55426, 4);
  });
  test('3.3 one cluster is no evidence, not an error of 0', () => {
    expect(clusteredMean([{ n: 20, sum: 3 }])).toBeUndefined();
  });
  test('3.3 values gather into their groups', () => {
    expect(clustersOf([{ group: 'a', value: 1 }, { group: 'b', value: 3 }, { group: 'a', value: 2 }])).toEqual([{ n: 2, sum: 3 }, { n: 1, sum: 3 }]);
  });
  test('3.3 bounds of values in 0..1 stay there, and groups that are all alike are not certain', () => {
    const wide = clusteredMean([{ n: 1, sum: 0 }, { n: 1, sum: 1 }]);
    expect(wide && clusteredUnitBounds(wide, 0.95)).toEqual({ low: 0, high: 1 });
    const alike = clusteredMean(new Array(59).fill({ n: 3, sum: 3 }));
    expect(alike && clusteredUnitBounds(alike, 0.95)).toEqual({ low: expect.closeTo(0.950492, 6), high: 1 });
  });
});
