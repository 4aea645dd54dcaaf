/** Consistent sampling against the published thresholds of OpenTelemetry, strata, and weights that undo them. */
import { describe, expect, test } from '@jest/globals';
import { isSampled, sampling, thresholdOf, thresholdText, weightedShare } from '../../src/evaluation/sampling.js';
import { seeded } from './statistics/seeded.js';

describe('5.2 consistent sampling', () => {
  test('the published thresholds, and R from the hash of the id', () => {
    const hex = (rate: string) => thresholdOf(rate).toString(16).padStart(14, '0');
    expect([hex('0.5'), hex('0.25'), hex('0.125'), hex('1')]).toEqual(['80000000000000', 'c0000000000000', 'e0000000000000', '00000000000000']);
    expect(hex('0.20')).toMatch(/^cccccccccccc/);
    // R of req-0001 is 0x4787ce6eaf9920, published with the method: just below 28 % from the bottom.
    expect([isSampled('req-0001', '0.720624'), isSampled('req-0001', '0.720500'), isSampled('req-0001', '1'), isSampled('req-0001', '0')]).toEqual([true, false, true, false]);
  });

  test('about the share that was asked for, and a smaller rate samples a subset', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => `case-${n}`);
    const at = (rate: string) => ids.filter((id) => isSampled(id, rate));
    expect(at('0.15').length / ids.length).toBeCloseTo(0.15, 2);
    const wide = new Set(at('0.20'));
    expect(at('0.10').every((id) => wide.has(id))).toBe(true);
  });
});

describe('5.2 traces', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  test.each([['0.5', '8'], ['0.25', 'c'], ['0.2', 'cccd'], ['0.125', 'e'], ['0.1', 'e666'], ['0.01', 'fd70a'], ['1', '0'], ['0', '100000000000000']])('rate %s is written as th %s', (rate, th) => {
    // Four digits after the leading f's, as published.
    expect(thresholdText(thresholdOf(rate), rate === '0.01' ? 5 : 4)).toBe(th);
  });
  test('the end of the trace id decides: kept at 20 %, dropped at 10 %, whatever the id', () => {
    expect(['0.20', '0.10'].map((rate) => sampling({ id: 'x', trace }, rate).kept)).toEqual([true, false]);
    expect(sampling({ id: 'y', trace: trace.toUpperCase() }, '0.20').kept).toBe(true);
  });
  test('rv of the tracestate goes before the trace id; what is ill-formed says nothing', () => {
    expect(sampling({ id: 'x', trace, tracestate: 'vendor=1, ot=th:8;rv:ffffffffffffff' }, '0.10').kept).toBe(true);
    expect(sampling({ id: 'x', trace, tracestate: 'ot=rv:00000000000000' }, '0.20').kept).toBe(false);
    for (const tracestate of ['ot=rv:ffff', 'ot=rv:FFFFFFFFFFFFFF', 'ot=', 'ot=th:zz', 'other=rv:ffffffffffffff']) expect(sampling({ id: 'x', trace, tracestate }, '0.10')).toMatchObject({ kept: false, th: thresholdText(thresholdOf('0.10')) });
  });
  test('the higher threshold holds: what was sampled upstream is never counted as more', () => {
    expect(sampling({ id: 'x', trace, tracestate: 'ot=th:c' }, '0.50')).toMatchObject({ kept: true, th: 'c', weight: 4 });
    expect(sampling({ id: 'x', trace, tracestate: 'ot=th:d' }, '0.50')).toMatchObject({ kept: false, th: 'd' });
    expect(sampling({ id: 'x', trace, tracestate: 'ot=th:8' }, '0.20')).toMatchObject({ kept: true, weight: expect.closeTo(5, 5) });
    expect(sampling({ id: 'x', trace, tracestate: 'ot=th:8' }, '0.20', 'errors')).toMatchObject({ kept: true, th: '8', weight: 2 });
  });
  test('errors and complaints are all kept and stand for themselves', () => {
    expect(['errors', 'complaints'].map((stratum) => sampling({ id: 'x', trace }, '0.10', stratum as 'errors'))).toEqual(new Array(2).fill({ kept: true, th: '0', weight: 1 }));
    expect(sampling({ id: 'x', trace }, '0')).toEqual({ kept: false, th: '100000000000000', weight: 0 });
  });
});

test('5.2 weights undo the strata: the share of errors comes out right, unweighted it would not', () => {
  const random = seeded(3);
  const all = Array.from({ length: 20_000 }, (_, n) => ({ id: `request-${n}`, error: random() < 0.02 }));
  const rows = all.flatMap(({ id, error }) => {
    const { kept, weight } = sampling({ id }, '0.15', error ? 'errors' : 'random');
    return kept ? [{ value: error ? 1 : 0, weight }] : [];
  });
  const found = weightedShare(rows);
  expect(found?.share).toBeCloseTo(all.filter((one) => one.error).length / all.length, 3);
  expect(found?.effective).toBeLessThan(rows.length);
  expect(rows.filter((row) => row.value === 1).length / rows.length).toBeGreaterThan(0.1);
  expect(weightedShare([])).toBeUndefined();
});
