/** Drift over days: an effect and its evidence, or nothing. */
import { describe, expect, test } from '@jest/globals';
import type { Look } from '../../src/evaluation/counts.js';
import { driftOf, drifted, suspected } from '../../src/evaluation/drift.js';
import { toInstant } from '../../src/domain/time.js';
import { counted } from './counted.js';
import { seeded } from './statistics/seeded.js';

const ALPHA = 0.05;
/** A run whose accuracy is this share of n cases. */
const day = (number: number, hits: number, n = 1000, more: Partial<Look> = {}): Look => ({
  at: toInstant(Date.UTC(2026, 10, number, 3)), run: `run-${number}`, build: 'b', counts: [counted({ hits: String(hits), n })], dimensions: { accuracy: (hits / n).toFixed(6) }, composite: null, ...more,
});
const now = toInstant(Date.UTC(2026, 10, 7, 12));
const week = [1, 2, 3, 4, 5, 6].map((number) => day(number, 900));

describe('the effect', () => {
  test('5.3 armed until there are seven distinct days', () => {
    expect(driftOf([], now, ALPHA)).toMatchObject({ state: 'armed', because: 'armed: 0 of 7 days' });
    expect(driftOf([...week, day(6, 100)], now, ALPHA)).toMatchObject({ state: 'armed', because: 'armed: 6 of 7 days' });
  });
  test('5.3 a fall on the seventh day is seen, in percent and with where it lies', () => {
    const drift = driftOf([...week, day(7, 810)], now, ALPHA);
    expect(drift).toMatchObject({ state: 'watching', dimensions: [{ dimension: 'accuracy', newest: '0.810000', best: '0.900000', percent: '10.000000', proven: true }] });
    const [one] = drifted(drift, '5');
    expect(Number(one?.low)).toBeGreaterThan(0.03);
    expect(Number(one?.high)).toBeLessThan(0.15);
    expect(drifted(drift, '15')).toEqual([]);
  });
  test('5.3 a steady or rising score is no drift', () => {
    expect(drifted(driftOf([...week, day(7, 950)], now, ALPHA), '0')).toEqual([]);
  });
  test('5.3 a fall outside the window is history, a run of tomorrow is ignored', () => {
    const later = toInstant(Date.UTC(2026, 10, 20, 12));
    expect(drifted(driftOf([...week, day(7, 500), day(19, 500), day(20, 500), day(21, 100)], later, ALPHA), '5')).toEqual([]);
  });
  test('5.3 a dimension that is no longer measured has fallen', () => {
    expect(drifted(driftOf([...week, day(7, 900, 1000, { dimensions: { latency: '1' }, counts: [] })], now, ALPHA), '5')).toMatchObject([{ dimension: 'accuracy', newest: '0.000000', percent: '100.000000', low: null }]);
  });
});

describe('the evidence', () => {
  test('5.3 5.4 the same fall over few cases is shown and does not ring', () => {
    const few = [...[1, 2, 3, 4, 5, 6].map((number) => day(number, 18, 20)), day(7, 16, 20)];
    const drift = driftOf(few, now, ALPHA);
    expect(drifted(drift, '5')).toEqual([]);
    const [one] = suspected(drift, '5');
    expect(one).toMatchObject({ dimension: 'accuracy', percent: '11.111111', proven: false });
    expect(Number(one?.low)).toBeLessThan(0);
  });
  test('5.3 a fall below the limit does not ring, however sure', () => {
    const sure = [...[1, 2, 3, 4, 5, 6].map((number) => day(number, 90_000, 100_000)), day(7, 87_000, 100_000)];
    const drift = driftOf(sure, now, ALPHA);
    expect(drift).toMatchObject({ dimensions: [{ proven: true }] });
    expect(drifted(drift, '5')).toEqual([]);
  });
  test('5.3 without counts, or with counts of something else, nobody can tell', () => {
    const bare = [...week, day(7, 500)].map((look) => ({ ...look, counts: [] }));
    expect(suspected(driftOf(bare, now, ALPHA), '5')).toMatchObject([{ low: null, high: null, proven: false }]);
    const other = [...week, day(7, 500, 1000, { counts: [counted({ hits: '500', n: 1000, measure: 'another' })] })];
    expect(drifted(driftOf(other, now, ALPHA), '5')).toEqual([]);
  });
  test('5.4 over its first week of an unchanged agent, when most of the chance is spent, it rings falsely less often than stated; by size alone it rings most of the time', () => {
    const random = seeded(41);
    const trials = 120;
    let [proven, bySizeAlone] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const looks = Array.from({ length: 14 }, (_, number) => day(number + 1, Array.from({ length: 60 }, () => (random() < 0.85 ? 1 : 0)).reduce<number>((sum, hit) => sum + hit, 0), 60));
      const drifts = looks.slice(6).map((look, index) => driftOf(looks.slice(0, index + 7), look.at, ALPHA));
      if (drifts.some((drift) => drifted(drift, '5').length > 0)) proven += 1;
      if (drifts.some((drift) => drifted(drift, '5').length + suspected(drift, '5').length > 0)) bySizeAlone += 1;
    }
    expect(proven / trials).toBeLessThanOrEqual(ALPHA);
    expect(bySizeAlone / trials).toBeGreaterThan(0.6);
  });
});
