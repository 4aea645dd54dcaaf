/** The alarm that may be looked at for ever: what resets it, and simulations of how often it rings falsely and how soon it rings rightly. */
import { describe, expect, test } from '@jest/globals';
import type { Look } from '../../src/evaluation/counts.js';
import { toInstant } from '../../src/domain/time.js';
import { breachEvidence, looksSinceReset, spend, watchedAt, watchedTogether } from '../../src/evaluation/sequence.js';
import { confidenceSequence, logEvidence } from '../../src/evaluation/statistics/confidence-sequence.js';
import { wilsonInterval } from '../../src/evaluation/statistics/proportion.js';
import { counted } from './counted.js';
import { seeded } from './statistics/seeded.js';

const ALPHA = 0.05;
const look = (number: number, change: Partial<Look> = {}): Look => ({ at: toInstant(Date.UTC(2026, 10, number, 3)), run: `run-${number}`, build: 'b', counts: [counted()], dimensions: {}, composite: null, ...change });

describe('what is watched', () => {
  test('5.4 conditions, dimensions and the composite share the chance of a false alarm', () => {
    expect(watchedTogether({ counts: [counted(), counted({ condition: 'other' }), counted({ condition: 'third', dimension: 'safety' })] })).toBe(6);
    expect([1, 2, 3].map(spend)).toEqual([1 / 2, 1 / 6, 1 / 12]);
    expect(Array.from({ length: 100_000 }, (_, index) => spend(index + 1)).reduce((sum, part) => sum + part, 0)).toBeLessThan(1);
  });
  test.each<[string, Partial<Look>]>([
    ['build', { build: 'another' }], ['data set, scorer or judge', { counts: [counted({ measure: 'another' })] }],
  ])('5.4 a new %s starts afresh', (_what, change) => {
    const old = [1, 2, 3].map((number) => look(number));
    expect(watchedAt([...old, look(4)], ALPHA)).toMatchObject([{ n: 400, looks: 4, value: 0.9, since: old[0]?.at }]);
    expect(watchedAt([...old, look(4, change), look(5, change)], ALPHA)).toMatchObject([{ n: 200, looks: 2 }]);
    expect([looksSinceReset([...old, look(4)]), looksSinceReset([...old, look(4, change)]), looksSinceReset([])]).toEqual([4, 1, 1]);
  });
  test('5.4 a new threshold keeps what was counted and asks anew', () => {
    const old = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => look(number));
    expect(watchedAt(old, ALPHA)).toMatchObject([{ n: 800, alarm: false }]);
    expect(watchedAt([...old, look(9, { counts: [counted({ threshold: '0.95' })] })], ALPHA)).toMatchObject([{ n: 900, alarm: true }]);
  });
  test('5.4 a metric that is no mean has no sequence and does not ring by one', () => {
    expect(watchedAt([look(1, { counts: [counted({ hits: null })] })], ALPHA)).toMatchObject([{ interval: null, evidence: null, alarm: false }]);
    expect(watchedAt([], ALPHA)).toEqual([]);
  });
  test.each([['<=', '0.10', '30', true], ['<=', '0.10', '10', false], ['>=', '0.85', '60', true], ['>=', '1', '99', true], ['>=', '1', '100', false], ['<=', '1', '100', false], ['<=', '0', '1', true]] as const)('5.4 a promise of %s %s rings at %s of 100: %s', (operator, threshold, hits, alarm) => {
    expect(watchedAt([look(1, { counts: [counted({ operator, threshold, hits })] })], ALPHA)).toMatchObject([{ alarm }]);
  });
});

/** A day's hits of n cases at the share. */
const passes = (random: () => number, share: number, n: number) => {
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (random() < share) hits += 1;
  return { hits, n };
};

describe('an agent that does not change, at fifty looks of ten cases', () => {
  const share = 0.9;
  const streams = 600;
  const everRings = (rings: (total: { hits: number; n: number }) => boolean): number => {
    const random = seeded(7);
    let ringing = 0;
    for (let stream = 0; stream < streams; stream += 1) {
      let total = { hits: 0, n: 0 };
      let rang = false;
      for (let at = 0; at < 50; at += 1) {
        const day = passes(random, share, 10);
        total = { hits: total.hits + day.hits, n: total.n + day.n };
        rang ||= rings(total);
      }
      if (rang) ringing += 1;
    }
    return ringing / streams;
  };
  const outside = ({ low, high }: { low: number; high: number }) => share < low || share > high;

  test('5.4 the interval misses it in at most 5 % of streams (2.3 % published)', () => {
    const rate = everRings((total) => logEvidence(total, share) >= Math.log(1 / ALPHA));
    expect(rate).toBeLessThanOrEqual(ALPHA);
    expect(rate).toBeGreaterThan(0.01);
    // The interval is what is shown: it leaves out a share exactly when the evidence does.
    expect(outside(confidenceSequence({ hits: 31, n: 50 }, ALPHA))).toBe(logEvidence({ hits: 31, n: 50 }, share) >= Math.log(1 / ALPHA));
  });
  test('5.4 the alarm, which also looks for changes since any day, rings in at most 5 %', () => {
    const random = seeded(11);
    let ringing = 0;
    for (let stream = 0; stream < 120; stream += 1) {
      const days: { hits: number; n: number }[] = [];
      let rang = false;
      for (let at = 0; at < 50 && !rang; at += 1) {
        days.push(passes(random, share, 10));
        rang = breachEvidence(days, share) >= Math.log(1 / ALPHA);
      }
      if (rang) ringing += 1;
    }
    expect(ringing / 120).toBeLessThanOrEqual(ALPHA);
  });
  test('5.4 twin: a 95 % interval that is looked at fifty times misses it in about 31 %, and fails the same check', () => {
    const rate = everRings((total) => outside(wilsonInterval(total.hits, total.n, 0.95)));
    expect(rate).toBeGreaterThan(ALPHA);
    expect(rate).toBeGreaterThan(0.28);
    expect(rate).toBeLessThan(0.35);
  });
});

describe('an agent that changes', () => {
  /** Median number of cases from the change until it rings; `good` days of ten before it. */
  const delay = (from: number, to: number, good: number): number => {
    const random = seeded(13);
    const waits = Array.from({ length: 31 }, () => {
      const days = Array.from({ length: good }, () => passes(random, from, 10));
      while (days.length < good + 400) {
        days.push(passes(random, to, 10));
        if (breachEvidence(days, from) >= Math.log(1 / ALPHA)) break;
      }
      return (days.length - good) * 10;
    }).sort((a, b) => a - b);
    return waits[15] ?? Infinity;
  };
  test.each([[0.9, 0.8, 0, 120], [0.9, 0.7, 0, 50], [0.9, 0.7, 30, 90], [0.95, 0.85, 0, 90]])('5.4 from %d to %d after %d good days: half of them ring within %d cases', (from, to, good, most) => {
    expect(delay(from, to, good)).toBeLessThanOrEqual(most);
  });
  test('5.4 twin: everything since the beginning in one pot takes far longer after a long good time', () => {
    const days = [...new Array<{ hits: number; n: number }>(30).fill({ hits: 9, n: 10 }), ...new Array<{ hits: number; n: number }>(9).fill({ hits: 7, n: 10 })];
    const pot = days.reduce((sum, day) => ({ hits: sum.hits + day.hits, n: sum.n + day.n }));
    expect(breachEvidence([pot], 0.9)).toBeLessThan(Math.log(1 / ALPHA));
    expect(breachEvidence(days, 0.9)).toBeGreaterThan(Math.log(1 / ALPHA));
  });
});
