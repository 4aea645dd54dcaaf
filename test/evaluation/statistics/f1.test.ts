/** F1 and its bounds: the closed form, and how often they hold. */
import { expect, test } from '@jest/globals';
import { f1Bounds, f1Of } from '../../../src/evaluation/statistics/f1.js';
import { exactBounds } from '../../../src/evaluation/statistics/proportion.js';
import { seeded } from './seeded.js';

test('3.3 F1 is 2J / (1 + J), and so are its bounds', () => {
  const counts = { truePositives: 80, falsePositives: 12, falseNegatives: 8 };
  const jaccard = exactBounds(80, 100, 0.95);
  expect(f1Of(counts)).toBeCloseTo(160 / 180, 14);
  expect(f1Bounds(counts, 0.95)).toEqual({ low: expect.closeTo((2 * jaccard.low) / (1 + jaccard.low), 14), high: expect.closeTo((2 * jaccard.high) / (1 + jaccard.high), 14) });
});
test('3.3 a label that never came up has no F1 and no bounds worth the name', () => {
  const none = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
  expect([f1Of(none), f1Bounds(none, 0.95)]).toEqual([undefined, { low: 0, high: 1 }]);
});
test('3.3 each bound holds at least as often as it says', () => {
  const random = seeded(17);
  const [found, wrong] = [0.7, 0.1];
  // Half of the cases deserve the label: TP 0.35, FN 0.15, FP 0.05 of all.
  const truth = (2 * 0.35) / (2 * 0.35 + 0.15 + 0.05);
  let [below, above] = [0, 0];
  const trials = 800;
  const known = new Map<string, ReturnType<typeof f1Bounds>>();
  for (let trial = 0; trial < trials; trial += 1) {
    let [truePositives, falsePositives, falseNegatives] = [0, 0, 0];
    for (let i = 0; i < 120; i += 1) {
      const due = random() < 0.5;
      const given = random() < (due ? found : wrong);
      if (due && given) truePositives += 1;
      else if (due) falseNegatives += 1;
      else if (given) falsePositives += 1;
    }
    const key = `${truePositives} of ${truePositives + falsePositives + falseNegatives}`;
    const bounds = known.get(key) ?? f1Bounds({ truePositives, falsePositives, falseNegatives }, 0.95);
    known.set(key, bounds);
    if (bounds.low > truth) above += 1;
    if (bounds.high < truth) below += 1;
  }
  expect(above / trials).toBeLessThan(0.055);
  expect(below / trials).toBeLessThan(0.055);
});
