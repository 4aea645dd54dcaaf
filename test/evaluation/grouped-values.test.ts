/** Grouped values give the same clusters as a map of the groups' names would. */
import { describe, expect, test } from '@jest/globals';
import { GroupedValues } from '../../src/evaluation/meters/grouped-values.js';
import { clusteredMean, clustersOf } from '../../src/evaluation/statistics/clustered.js';

type Given = readonly { readonly group: string; readonly value: number }[];

const TABLE: readonly { name: string; given: Given }[] = [
  { name: 'nothing', given: [] },
  { name: 'every case its own group, more than fit at first', given: Array.from({ length: 3000 }, (_, i) => ({ group: `case-${i}`, value: i % 2 })) },
  { name: 'groups that come apart and together again', given: Array.from({ length: 2500 }, (_, i) => ({ group: `family-${i % 7}`, value: (i % 4) / 4 })) },
  // A family may be named after a case that stands alone: they are one group then.
  { name: 'a family named after a case', given: [{ group: 'case-1', value: 1 }, { group: 'case-2', value: 0 }, { group: 'case-1', value: 0.5 }] },
];

describe('3.4 values in groups', () => {
  test.each(TABLE)('$name', ({ given }) => {
    const values = new GroupedValues();
    for (const { group, value } of given) values.add(group, value);
    const found = [...values.clusters()];
    expect(values.size).toBe(given.length);
    expect(sorted(found)).toEqual(sorted(clustersOf(given)));
    const [mean, wanted] = [clusteredMean(found), clusteredMean(clustersOf(given))];
    expect(mean === undefined).toBe(wanted === undefined);
    if (mean && wanted) for (const key of ['mean', 'error', 'degrees'] as const) expect(mean[key]).toBeCloseTo(wanted[key], 12);
  });

  test('the order does not depend on which came first', () => {
    const [one, other] = [new GroupedValues(), new GroupedValues()];
    for (const group of ['a', 'b', 'c']) one.add(group, group.charCodeAt(0));
    for (const group of ['c', 'a', 'b']) other.add(group, group.charCodeAt(0));
    expect([...one.clusters()]).toEqual([...other.clusters()]);
  });
});

function sorted(clusters: readonly { readonly n: number; readonly sum: number }[]) {
  return [...clusters].sort((a, b) => a.n - b.n || a.sum - b.sum);
}
