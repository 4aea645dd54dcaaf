/** The confidence sequence against the unit tests of confseq (Howard et al.). */
import { describe, expect, test } from '@jest/globals';
import { confidenceSequence, logEvidence, logEvidenceBelow, logEvidenceOfDifference } from '../../../src/evaluation/statistics/confidence-sequence.js';

describe('the interval', () => {
  test.each([
    [700, 1000, 100, 0.651629, 0.745949], [15, 50, 50, 0.129556, 0.511896], [5, 50, 50, 0.013021, 0.269264],
    [1, 50, 50, 0, 0.13489], [100, 200, 1, 0.328923, 0.671076], [1, 2, 50, 0, 1],
  ])('5.4 %d of %d, narrowest at %d', (hits, n, optimum, low, high) => {
    const found = confidenceSequence({ hits, n }, 0.05, optimum);
    expect(found.low).toBeCloseTo(low, 5);
    expect(found.high).toBeCloseTo(high, 5);
  });
  test('5.4 nothing seen is nothing known, and a stricter level is wider', () => {
    expect(confidenceSequence({ hits: 0, n: 0 }, 0.05)).toEqual({ low: 0, high: 1 });
    const [usual, strict] = [0.05, 0.005].map((alpha) => confidenceSequence({ hits: 90, n: 100 }, alpha));
    expect(strict?.low).toBeLessThan(usual?.low ?? 0);
    expect(strict?.high).toBeGreaterThan(usual?.high ?? 1);
  });
});

describe('the evidence', () => {
  test('5.4 grows by the ratio of one more observation', () => {
    const p = 0.9;
    // A and B of the mixture at p, from two observations of their own.
    const first = Math.exp(logEvidence({ hits: 1, n: 1 }, p)) * p;
    const second = (Math.exp(logEvidence({ hits: 2, n: 2 }, p) - logEvidence({ hits: 1, n: 1 }, p)) * p);
    const total = (1 - second) / (second - first);
    const [a, b] = [first * total, (1 - first) * total];
    let sum = 0;
    let hits = 0;
    [1, 0, 1, 1, 0, 1, 1, 1].forEach((hit, n) => {
      sum += hit === 1 ? Math.log((a + hits) / (a + b + n) / p) : Math.log((b + n - hits) / (a + b + n) / (1 - p));
      hits += hit;
    });
    expect(sum).toBeCloseTo(logEvidence({ hits, n: 8 }, p), 8);
  });
  test.each([0.3, 0.85, 0.9])('5.4 is 1 on average while the share is %d, on both sides and on one; at most 1 above it', (p) => {
    const n = 12;
    const choose = (k: number) => Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1);
    const average = (of: (stream: { hits: number; n: number }, p: number) => number, truth: number) =>
      Array.from({ length: n + 1 }, (_, hits) => choose(hits) * truth ** hits * (1 - truth) ** (n - hits) * Math.exp(of({ hits, n }, p))).reduce((sum, value) => sum + value, 0);
    const below: typeof logEvidence = (stream, share) => logEvidenceBelow(share)(stream);
    expect(average(logEvidence, p)).toBeCloseTo(1, 8);
    expect(average(below, p)).toBeCloseTo(1, 8);
    expect(average(below, p + 0.05)).toBeLessThan(1);
    // The twin: against a share below it, evidence grows.
    expect(average(below, p - 0.1)).toBeGreaterThan(1);
    expect(average(logEvidence, p + 0.05)).toBeGreaterThan(1);
  });
  test('5.4 two versions: ten against ten says nothing, two against twenty does', () => {
    expect(logEvidenceOfDifference({ onlyBefore: 10, onlyAfter: 10 })).toBeLessThan(0);
    expect(logEvidenceOfDifference({ onlyBefore: 20, onlyAfter: 2 })).toBeGreaterThan(Math.log(20));
    expect(logEvidenceOfDifference({ onlyBefore: 2, onlyAfter: 20 })).toBeCloseTo(logEvidenceOfDifference({ onlyBefore: 20, onlyAfter: 2 }), 10);
  });
});
