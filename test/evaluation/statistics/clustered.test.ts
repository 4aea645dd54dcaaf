/** Clustered errors against the test suite of Inspect. */
import { describe, expect, test } from '@jest/globals';
import { clusteredBounds, clusteredMean } from '../../../src/evaluation/statistics/clustered.js';

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
});
