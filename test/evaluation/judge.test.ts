/** Verdicts: met, not met, not enough evidence; and the agents that must not get through. */
import { describe, expect, test } from '@jest/globals';
import { judgeConditions, recordedResult } from '../../src/evaluation/judge.js';
import { concerns } from '../../src/evaluation/concerns.js';
import type { Condition } from '../../src/evaluation/condition.js';
import type { ResultRow } from '../../src/evaluation/score.js';
import { conforms } from '../../src/domain/conforms.js';
import { baselineTypes } from '../../src/ledger/types/baseline.js';
import { abstention, hardHam, omit, pactOf, recall, row, rows } from './fixture.js';

const judged = (condition: Condition, given: Iterable<ResultRow>, options = {}) => judgeConditions(pactOf(condition), given, options)[0];
const missed = (count: number) => rows(count, { outcome: 'fail', output: 'deliver' });
const strict: Condition = { ...recall, threshold: '0.95', minimumCases: 59 };

describe('one-sided verdicts', () => {
  test.each([
    [59, 0, 'met', '0.950492', '1.000000'],
    [58, 1, 'insufficient', '0.922102', '0.999131'],
    [94, 6, 'insufficient', '0.885015', '0.973550'],
    [90, 10, 'not-met', '0.836282', '0.944737'],
  ])('3.1 %d right and %d wrong against 0.95', (right, wrong, verdict, lower, upper) => {
    const result = judged(strict, [...rows(right), ...missed(wrong)]);
    expect(result).toMatchObject({ verdict, n: right + wrong, errors: 0 });
    expect(Number(result?.lower)).toBeCloseTo(Number(lower), 5);
    expect(Number(result?.upper)).toBeCloseTo(Number(upper), 5);
  });
  test.each([[0, 'met'], [3, 'insufficient'], [20, 'not-met']])('3.1 at most: %d of 100 hard ham quarantined', (bad, verdict) => {
    const wanted = { expected: 'deliver', tags: ['hard-ham'] };
    const result = judged({ ...hardHam, threshold: '0.05' }, [...rows(bad, { ...wanted, outcome: 'fail', output: 'quarantine' }), ...rows(100 - bad, { ...wanted, output: 'deliver' })]);
    expect(result?.verdict).toBe(verdict);
  });
  test('3.3 "not enough evidence" says what would be enough', () => {
    expect(judged(strict, [...rows(58), ...missed(1)])?.because).toBe('58 of 59: lower bound 0.922102 < 0.95; 34 more cases without a miss would decide it');
    expect(judged(strict, rows(58))).toMatchObject({ verdict: 'insufficient', because: '58 cases, 59 are needed' });
    expect(judged(strict, [])).toMatchObject({ verdict: 'insufficient', n: 0, value: null, lower: null, because: 'no case was measured' });
  });
  test('3.3 rows of another data set or capability do not count', () => {
    expect(judged(strict, [...rows(59, { dataset: 'shift' }), ...rows(59, { capability: 'reply' })])?.n).toBe(0);
    expect(judgeConditions(pactOf(strict), [], { datasets: ['shift'] })).toEqual([]);
  });
});

describe('denominators', () => {
  const given = [
    ...rows(40), ...missed(4), ...rows(6, { outcome: 'abstain', output: 'ask-human' }),
    ...rows(45, { expected: 'deliver', output: 'deliver' }), ...rows(5, { expected: 'deliver', output: 'quarantine', outcome: 'fail' }),
    ...rows(2, { outcome: 'fail', cause: 'agent_crash', output: null }), ...rows(1, { outcome: 'infrastructure', cause: 'timeout', output: null, confidence: null, expected: 'deliver' }),
  ];
  const metric = (members: Partial<Condition>): Condition => ({ ...omit(recall, 'label'), minimumCases: 1, ...members });
  test.each<[string, Condition, number, string]>([
    ['accuracy leaves abstentions out and counts a crash as wrong', metric({ metric: 'accuracy' }), 96, (85 / 96).toFixed(6)],
    ['precision looks at the answers with the label', metric({ metric: 'precision', label: 'quarantine' }), 45, (40 / 45).toFixed(6)],
    ['recall counts abstentions and crashes as misses', metric({ metric: 'recall', label: 'quarantine' }), 52, (40 / 52).toFixed(6)],
    ['abstention looks at every scored case; a crash counts against it', metric({ metric: 'abstention', operator: '<=' }), 102, (8 / 102).toFixed(6)],
    ['a wanted abstention is not credited with a crash', metric({ metric: 'abstention', operator: '>=' }), 102, (6 / 102).toFixed(6)],
    ['share looks at the chosen cases', metric({ metric: 'share', among: { expected: 'deliver' }, outputs: ['deliver', 'ask-human'] }), 50, (45 / 50).toFixed(6)],
    ['error share looks at everything', metric({ metric: 'error-share', operator: '<=' }), 103, (1 / 103).toFixed(6)],
  ])('3.1 %s', (_name, condition, n, value) => {
    expect(judged(condition, given)).toMatchObject({ n, value });
  });
});

describe('provider outage kept apart from agent failure', () => {
  const errors = (count: number) => rows(count, { outcome: 'infrastructure', cause: 'timeout', output: null, confidence: null });
  test('3.3 two in a hundred are tolerated, and counted', () => {
    expect(judged(recall, [...rows(98), ...errors(2)])?.verdict).toBe('insufficient');
    expect(judged(recall, [...rows(147), ...errors(3)])).toMatchObject({ verdict: 'met', errors: 3, because: expect.stringContaining('3 infrastructure errors kept apart') });
  });
  test('3.3 more than 2 % caps the verdict, good or bad', () => {
    expect(judged(recall, [...rows(147), ...errors(4)])).toMatchObject({ verdict: 'insufficient', because: expect.stringContaining('more than 2 %') });
    expect(judged(recall, [...missed(147), ...errors(4)])?.verdict).toBe('insufficient');
  });
  test('3.3 errors are counted where they could hide something', () => {
    const hidden = errors(10).map((one) => ({ ...one, expected: 'deliver', tags: ['hard-ham'] }));
    const given = [...rows(1000), ...rows(100, { expected: 'deliver', output: 'deliver', tags: ['hard-ham'] }), ...hidden];
    const [caught, kept] = judgeConditions(pactOf(recall, hardHam), given);
    expect(caught).toMatchObject({ verdict: 'met', errors: 0 });
    expect(kept).toMatchObject({ verdict: 'insufficient', errors: 10 });
  });
  test('3.3 a case without a reference caps the verdict', () => {
    expect(judged(recall, [...rows(200), row({ outcome: 'not-evaluable', cause: 'no-reference', expected: null })])?.verdict).toBe('insufficient');
  });
});

describe('latency', () => {
  const latency: Condition = { ...omit(recall, 'label'), metric: 'latency-p95', operator: '<=', threshold: '100', minimumCases: 59 };
  const times = (list: readonly number[]) => list.map((milliseconds) => row({ milliseconds }));
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
  test.each<[string, readonly number[], string]>([['all within', upTo(100), 'met'], ['the 99th of 100 beyond', [...upTo(98), 500, 500], 'insufficient'], ['a tenth beyond', [...upTo(90), ...new Array<number>(10).fill(500)], 'not-met']])('3.1 %s', (_name, list, verdict) => {
    expect(judged(latency, times(list))?.verdict).toBe(verdict);
  });
  test('3.1 value and bounds are order statistics', () => {
    expect(judged(latency, times(upTo(100)))).toMatchObject({ value: '95', lower: '91', upper: '99' });
  });
  test('3.1 a crash is slower than any answer', () => {
    expect(judged(latency, [...times(upTo(90)), ...rows(10, { outcome: 'fail', cause: 'agent_crash', output: null, milliseconds: 1 })])?.verdict).not.toBe('met');
  });
});

describe('calibration', () => {
  const auroc: Condition = { ...omit(recall, 'label'), metric: 'confidence-auroc', threshold: '0.7', minimumCases: 100, dimension: 'calibration' };
  const brier: Condition = { ...auroc, metric: 'brier', operator: '<=', threshold: '0.1' };
  const answers = (right: string | null, wrong: string | null) => [...rows(400, { confidence: right }), ...rows(50, { outcome: 'fail', output: 'deliver', confidence: wrong })];
  test.each<[string, string | null, string | null, string, string]>([
    ['doubt where it is wrong', '0.95', '0.4', 'met', 'met'],
    ['constant confidence', '0.9', '0.9', 'not-met', 'insufficient'],
    ['boasting where it is wrong', '0.6', '0.99', 'not-met', 'not-met'],
    ['no confidence at all', null, null, 'not-met', 'not-met'],
    ['silence only where it is wrong', '0.9', null, 'not-met', 'insufficient'],
  ])('3.1 %s', (_name, right, wrong, ranks, close) => {
    expect(judged(auroc, answers(right, wrong))?.verdict).toBe(ranks);
    expect(judged(brier, answers(right, wrong))?.verdict).toBe(close);
  });
  test('3.3 a ranking of fewer than ten wrong answers is not enough evidence', () => {
    expect(judged(auroc, [...rows(400, { confidence: '0.9' }), ...rows(9, { outcome: 'fail', output: 'deliver', confidence: '0.1' })])).toMatchObject({ verdict: 'insufficient', value: '1.000000', lower: null });
  });
});

describe('agents that must fail the pact', () => {
  const pact = pactOf(recall, hardHam, abstention, { ...omit(recall, 'label'), id: 'ranks', metric: 'confidence-auroc', threshold: '0.7' });
  const mail: readonly ResultRow[] = [...rows(500), ...rows(400, { expected: 'deliver' }), ...rows(100, { expected: 'deliver', tags: ['hard-ham'] })];
  const play = (decide: (one: ResultRow, index: number) => string, confidence: (one: ResultRow) => string = () => '0.9') =>
    judgeConditions(pact, mail.map((one, index) => {
      const output = decide(one, index);
      const outcome = output === one.expected ? 'pass' : output === 'ask-human' ? 'abstain' : 'fail';
      return { ...one, output, outcome, confidence: confidence({ ...one, outcome }) };
    })).filter((result) => result.verdict !== 'met').map((result) => result.id);
  const decent = (one: ResultRow, index: number) => (one.tags.includes('hard-ham') ? 'ask-human' : index % 20 === 0 ? 'deliver' : String(one.expected));

  test('3.1 the decent agent passes', () => {
    expect(play(decent, (one) => (one.outcome === 'pass' ? '0.9' : '0.5'))).toEqual([]);
  });
  test.each<[string, (one: ResultRow, index: number) => string, string]>([
    ['always asks', () => 'ask-human', 'asks-seldom'],
    ['always delivers', () => 'deliver', 'spam-caught'],
    ['always quarantines', () => 'quarantine', 'hard-ham-kept'],
    ['tosses a coin', (_one, index) => (index % 2 === 0 ? 'deliver' : 'quarantine'), 'spam-caught'],
    ['is always equally sure', decent, 'ranks'],
  ])('3.1 the agent that %s', (_name, decide, condition) => {
    expect(play(decide)).toContain(condition);
  });
});

test('3.1 observational mode measures and promises nothing', () => {
  const result = judged(recall, [...rows(10), ...missed(90)], { observational: true });
  expect(result).toMatchObject({ verdict: 'observed', value: '0.100000', n: 100 });
});

test('3.2 a result fits the ledger, without its free text', () => {
  const finished = baselineTypes['evaluation.finished'];
  const results = judgeConditions(pactOf({ ...recall, statement: 'mindestens 85 % – gefangen' }, hardHam), [...rows(300), ...missed(3)]);
  const data = {
    run: 'run-1', purpose: 'baseline', observational: false, cases: 303, answered: 303, abstained: 0, errors: 0, conditions: results.map(recordedResult), composite: '0.912345',
    dimensions: { accuracy: '0.99', 'scope-honesty': '1' }, versions: { agent: '1.0.0', harness: 'h/1', dataset: 'd', scorer: 's', profile: 'p/1' }, rowsRoot: 'a'.repeat(64), deliverable: `sha256:${'a'.repeat(64)}`,
  };
  expect(conforms(finished, data as never)).toBeNull();
  // As entries were before a profile was named.
  const { profile: _profile, ...unnamed } = data.versions;
  expect(conforms(finished, { ...data, versions: unnamed } as never)).toBeNull();
  expect(JSON.stringify(data)).toMatch(/^[ -~]*$/);
});

test('concerns tells from the reference alone', () => {
  expect(concerns(recall, row({ expected: 'deliver', output: 'quarantine' }))).toBe(false);
  expect(concerns(hardHam, row({ expected: 'deliver', tags: [] }))).toBe(false);
});
