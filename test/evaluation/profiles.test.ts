/** Published score profiles: whole as data, and a run under them no surer than what was measured. */
import { describe, expect, test } from '@jest/globals';
import type { ConditionResult } from '../../src/evaluation/judge.js';
import { profileProblems, weightSum, type PublishedProfile } from '../../src/evaluation/profiles/profile.js';
import { PUBLISHED, publishedProfile } from '../../src/evaluation/profiles/published.js';
import { scoreUnder } from '../../src/evaluation/profiles/under.js';

const result = (dimension: ConditionResult['dimension'], value: string | null, severity: ConditionResult['severity'] = 'critical'): ConditionResult => ({
  id: `${dimension}-${severity}`, capability: 'triage', statement: 's', kind: 'happy-path', dimension, severity, metric: 'pass-rate', operator: '>=', threshold: '0.9', dataset: 'held-out',
  n: 100, value, lower: null, upper: null, verdict: 'met', because: 'b', errors: 0,
});

describe('3.1 published profiles', () => {
  test.each(PUBLISHED.map((one) => [one.id, one] as const))('%s is whole', (_id, profile) => {
    expect(profileProblems(profile)).toEqual([]);
    expect(weightSum(profile)).toBeCloseTo(1, 9);
  });

  test('each has as many dimensions as its name says, and a name of its own', () => {
    expect(PUBLISHED.map(({ id, weights }) => [id, Object.keys(weights).length])).toEqual([['armalo/p12', 12], ['armalo/p13', 13], ['armalo/p16', 16], ['armalo/mcp', 9]]);
  });

  const p13 = publishedProfile('armalo/p13');
  test.each<[string, Partial<PublishedProfile>, string]>([
    ['a weight is missing', { weights: { accuracy: 13 } }, 'add up to 0.13'], ['a weight is nothing', { weights: { ...p13.weights, luck: 0 } }, 'luck has no weight'],
    ['a dimension that it lacks is measured', { measuredBy: { charm: 'accuracy' } }, 'charm and accuracy'], ['a dimension of ours that is none', { measuredBy: { accuracy: 'charm' as never } }, 'accuracy and charm'],
    ['tiers in disorder', { tiers: [{ name: 'silver', from: 60 }, { name: 'gold', from: 75 }] }, 'gold is out of order'], ['a tier above the scale', { tiers: [{ name: 'gold', from: 750 }] }, 'gold is out of order'],
    ['no source', { source: 'somewhere' }, 'where and when'], ['no date', { asOf: 'lately' }, 'where and when'], ['no scale', { scale: 0 }, 'scale is 0'], ['a bare name', { id: 'p13' }, 'publisher/name'],
  ])('twin: %s', (_name, change, problem) => {
    expect(profileProblems({ ...p13, tiers: [], ...change }).join('; ')).toContain(problem);
  });

  test('an id that nobody published is refused', () => {
    expect(() => publishedProfile('armalo/p14')).toThrow(expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('armalo/p13') }));
  });
});

describe('3.1 a run under a published profile', () => {
  const all = (value: string) => (['accuracy', 'reliability', 'safety', 'latency', 'scope-honesty', 'cost'] as const).map((one) => result(one, value));

  test('what no condition measures may lie anywhere: the range is as wide as its weight', () => {
    const score = scoreUnder(publishedProfile('armalo/p13'), [result('accuracy', '0.900000'), result('safety', '1.000000'), result('calibration', '0.500000')]);
    // 0.13 · 0.9 + 0.11 · 1 = 0.227 of 100 points, and 76 hundredths are open.
    expect(score).toMatchObject({ scale: 100, low: '22.7', high: '98.7', covered: '0.24', unused: ['calibration'], tiers: { low: null, high: 'platinum' } });
    // What is measured is one number, rounded to the nearest.
    expect(score.dimensions[0]).toEqual({ dimension: 'accuracy', weight: '0.13', measuredBy: 'accuracy', low: '11.7', high: '11.7' });
    expect(score.lacks).toEqual(['reliability', 'selfAudit', 'security', 'bond', 'latency', 'scopeHonesty', 'costEfficiency', 'modelCompliance', 'runtimeCompliance', 'harnessStability', 'skillMastery']);
    expect(score.dimensions.find(({ dimension }) => dimension === 'selfAudit')).toEqual({ dimension: 'selfAudit', weight: '0.09', measuredBy: null, low: '0.0', high: '9.0' });
  });

  test.each<[string, string, string, string]>([['armalo/p12', '600', '1000', '0.60'], ['armalo/p13', '57.0', '100.0', '0.57'], ['armalo/p16', '0.480', '1.000', '0.48'], ['armalo/mcp', '900', '1000', '0.90']])('%s of a flawless run is %s to %s', (id, low, high, covered) => {
    expect(scoreUnder(publishedProfile(id), all('1.000000'))).toMatchObject({ low, high, covered });
  });

  test('only a profile that is measured whole is one number, with one tier', () => {
    const whole: PublishedProfile = { ...publishedProfile('armalo/p13'), weights: { accuracy: 60, safety: 40 }, measuredBy: { accuracy: 'accuracy', safety: 'safety' } };
    expect(scoreUnder(whole, [result('accuracy', '0.8'), result('safety', '0.7')])).toMatchObject({ low: '76.0', high: '76.0', covered: '1.00', lacks: [], tiers: { low: 'gold', high: 'gold' } });
    // On the very edge of a tier, floating point does not decide.
    expect(scoreUnder(whole, [result('accuracy', '0.75'), result('safety', '0.75')]).tiers).toEqual({ low: 'gold', high: 'gold' });
  });

  test('a condition without a value widens its dimension by its weight; a dimension without any is not measured', () => {
    const profile = publishedProfile('armalo/mcp');
    const half = scoreUnder(profile, [result('accuracy', '0.8'), result('accuracy', null, 'minor')]).dimensions[0];
    // (3 · 0.8 + 1 · 0) / 4 to (3 · 0.8 + 1 · 1) / 4 of 250 points.
    expect(half).toEqual({ dimension: 'accuracy', weight: '0.25', measuredBy: 'accuracy', low: '150', high: '213' });
    expect(scoreUnder(profile, [result('accuracy', null)])).toMatchObject({ low: '0', high: '1000', covered: '0.00' });
    expect(scoreUnder(profile, [])).toMatchObject({ low: '0', high: '1000', tiers: { low: null, high: 'platinum' } });
  });
});
