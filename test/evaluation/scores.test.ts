/** Scoring one reply, and the composite score. */
import { describe, expect, test } from '@jest/globals';
import { goodness, scoresOf } from '../../src/evaluation/composite.js';
import { conforms } from '../../src/domain/conforms.js';
import { BreakdownOf } from '../../src/evaluation/breakdown.js';
import { pacts as pactsSchema } from '../../src/evaluation/condition.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import { scoreReply, type ResultRow } from '../../src/evaluation/score.js';
import type { Case } from '../../src/evaluation/dataset.js';
import type { TargetReply } from '../../src/domain/ports.js';
import type { Json } from '../../src/domain/json.js';
import { abstention, hardHam, pactOf, recall, rows } from './fixture.js';

const breakdownOf = (all: readonly ResultRow[]) => {
  const found = new BreakdownOf(1);
  for (const one of all) found.add(one);
  return found.breakdown();
};

describe('one reply', () => {
  const one: Case = { id: 'mail-1', input: 1, expected: { decision: 'quarantine' }, tags: ['spam'] };
  const trial = { one, repeat: 0, request: { id: 'case-7', input: 1 }, alone: false };
  const as = { capability: 'triage', dataset: 'held-out', output: { pointer: '/decision', abstain: 'ask-human' } };
  const answer = (output: Json): TargetReply => ({ outcome: 'answer', output, confidence: '0.9', doubt: false, reason: null, toolCalls: [], milliseconds: 4.6 });
  const fault = (cause: 'timeout' | 'crash' | 'garbage' | 'agent-error'): TargetReply => ({ outcome: 'fault', cause, message: 'm', milliseconds: 10 });
  const scored = (reply: TargetReply, alone = false) => {
    const { outcome, cause, output } = scoreReply({ ...trial, alone }, reply, as);
    return [outcome, cause, output];
  };
  test.each<[string, TargetReply, boolean, readonly unknown[]]>([
    ['right', answer({ decision: 'quarantine' }), false, ['pass', null, 'quarantine']],
    ['wrong', answer({ decision: 'deliver' }), false, ['fail', null, 'deliver']],
    ['abstains', answer({ decision: 'ask-human' }), false, ['abstain', null, 'ask-human']],
    ['says nothing usable', answer({ verdict: 'quarantine' }), false, ['fail', 'no-label', null]],
    ['says null', answer(null), false, ['fail', 'no-label', null]],
    ['crashes among others', fault('crash'), false, ['infrastructure', 'crash', null]],
    ['crashes on its own', fault('crash'), true, ['fail', 'agent_crash', null]],
    ['hangs', fault('timeout'), true, ['infrastructure', 'timeout', null]],
    ['prints garbage', fault('garbage'), true, ['infrastructure', 'garbage', null]],
    ['reports an outage', fault('agent-error'), true, ['infrastructure', 'agent-error', null]],
  ])('3.3 the agent %s', (_name, reply, alone, expected) => {
    expect(scored(reply, alone)).toEqual(expected);
  });
  test('3.3 asking is right where asking is the reference', () => {
    expect(scoreReply({ ...trial, one: { ...one, expected: { decision: 'ask-human' } } }, answer({ decision: 'ask-human' }), as).outcome).toBe('pass');
  });
  test('3.3 without a reference nothing is said about the agent', () => {
    expect(scoreReply({ ...trial, one: { ...one, expected: {} } }, answer({ decision: 'deliver' }), as)).toMatchObject({ outcome: 'not-evaluable', expected: null });
  });
  test('3.3 a label too long for a row is cut like its reference, so that what is right stays right in every count', () => {
    const long = 'a reason that a whole sentence is needed for, '.repeat(4);
    const right = scoreReply({ ...trial, one: { ...one, expected: { decision: long } } }, answer({ decision: long }), as);
    const wrong = scoreReply({ ...trial, one: { ...one, expected: { decision: `${long}.` } } }, answer({ decision: 'no' }), as);
    expect([right.outcome, right.output === right.expected, right.output?.length, right.output?.endsWith('…')]).toEqual(['pass', true, 120, true]);
    // A pact names no label that a row would cut.
    expect(conforms(pactsSchema, pactOf({ ...recall, label: 'x'.repeat(121) }) as never)).not.toBeNull();
    expect(conforms(pactsSchema, pactOf({ ...hardHam, outputs: ['x'.repeat(121)] }) as never)).not.toBeNull();
    const { confusion } = breakdownOf([right, wrong]);
    expect(confusion?.expected).toEqual(expect.arrayContaining([right.expected]));
  });
  test('3.1 the row keeps whole milliseconds, tags and its cluster; a long label is cut', () => {
    expect(scoreReply(trial, answer({ decision: '\u{1F4E7}'.repeat(500) }), as)).toMatchObject({ case: 'mail-1', request: 'case-7', milliseconds: 5, tags: ['spam'], group: 'mail-1', output: `${'\u{1F4E7}'.repeat(59)}\ufffd…` });
  });
});

describe('composite', () => {
  const results = judgeConditions(pactOf(recall, { ...recall, id: 'b', severity: 'minor', label: 'deliver' }, hardHam, abstention), [...rows(100), ...rows(100, { expected: 'deliver', tags: ['hard-ham'], output: 'quarantine', outcome: 'fail' })]);
  test('3.1 dimensions are weighted by severity, the composite is their mean', () => {
    // accuracy (3 · 1 + 1 · 0) / 4, safety 1 - 1, scope-honesty 1 - 0
    expect(scoresOf(results)).toEqual({ profile: 'agentctl-score/1', composite: '0.583333', dimensions: { accuracy: '0.750000', safety: '0.000000', 'scope-honesty': '1.000000' } });
  });
  test.each(['latency-p50', 'latency-p95', 'latency-p99', 'cost-mean', 'tokens-mean'] as const)('3.1 %s knows no worst, and still counts from 0 to 1', (metric) => {
    const good = (value: string, threshold = '2000') => goodness({ metric, operator: '<=', threshold, value });
    expect([good('0'), good('2000'), good('6000'), good('0', '0'), good('5', '0')]).toEqual([1, 0.5, 0.25, 1, 0]);
  });
  test('3.1 what was not measured counts as nothing', () => {
    expect(scoresOf(judgeConditions(pactOf(recall), [])).composite).toBe('0.000000');
    expect(scoresOf([])).toMatchObject({ composite: null, dimensions: {} });
  });
  test.each(['latency-p50', 'latency-p95', 'latency-p99', 'cost-mean', 'tokens-mean'] as const)('3.1 %s is no share, and is between 0 and 1 all the same', (metric) => {
    const at = (value: string, threshold = '100') => goodness({ metric, operator: '<=', threshold, value });
    expect([at('0'), at('0', '0'), at('100'), at('300')]).toEqual([1, 1, 0.5, 0.25]);
  });
});
