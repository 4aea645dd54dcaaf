/** The bootstrap: the same for the same seed, close to the clustered error, whole groups at a time. */
import { expect, test } from '@jest/globals';
import { bootstrapMean } from '../../../src/evaluation/statistics/bootstrap.js';
import { clusteredMean } from '../../../src/evaluation/statistics/clustered.js';
import { normalQuantile } from '../../../src/evaluation/statistics/special-functions.js';
import { seeded } from './seeded.js';

const random = seeded(5);
const groups = Array.from({ length: 80 }, () => ({ n: 4, sum: 4 * random() }));

test('3.3 the seed decides', () => {
  expect(bootstrapMean(groups, { level: 0.95, seed: 1 })).toEqual(bootstrapMean(groups, { level: 0.95, seed: 1 }));
  expect(bootstrapMean(groups, { level: 0.95, seed: 1 })).not.toEqual(bootstrapMean(groups, { level: 0.95, seed: 2 }));
});
test('3.3 groups are drawn whole: as wide as the clustered error says, twice as wide as for 320 answers of their own', () => {
  const mean = clusteredMean(groups);
  const width = (list: typeof groups) => {
    const found = bootstrapMean(list, { level: 0.95, seed: 3 });
    return found ? found.high - found.low : 0;
  };
  expect(width(groups) / (2 * normalQuantile(0.975) * (mean?.error ?? 0))).toBeCloseTo(1, 1);
  const apart = groups.flatMap(({ n, sum }) => new Array<{ n: number; sum: number }>(n).fill({ n: 1, sum: sum / n }));
  expect(width(groups) / width(apart)).toBeGreaterThan(1.7);
});
test('3.3 one group is no evidence', () => {
  expect(bootstrapMean(groups.slice(0, 1), { level: 0.95, seed: 1 })).toBeUndefined();
});
