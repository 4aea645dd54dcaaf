/** Scoring one reply, the composite score, and drift over days. */
import { describe, expect, test } from '@jest/globals';
import { scoresOf } from '../../src/evaluation/composite.js';
import { driftOf, drifted, type DatedScores } from '../../src/evaluation/drift.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import { scoreReply } from '../../src/evaluation/score.js';
import type { Case } from '../../src/evaluation/dataset.js';
import type { TargetReply } from '../../src/domain/ports.js';
import type { Json } from '../../src/domain/json.js';
import { toInstant } from '../../src/domain/time.js';
import { abstention, hardHam, pactOf, recall, rows } from './fixture.js';

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
  test('3.1 the row keeps whole milliseconds, tags and its cluster; a long label is cut', () => {
    expect(scoreReply(trial, answer({ decision: '\u{1F4E7}'.repeat(500) }), as)).toMatchObject({ case: 'mail-1', request: 'case-7', milliseconds: 5, tags: ['spam'], group: 'mail-1', output: '\u{1F4E7}'.repeat(60) });
  });
});

describe('composite', () => {
  const results = judgeConditions(pactOf(recall, { ...recall, id: 'b', severity: 'minor', label: 'deliver' }, hardHam, abstention), [...rows(100), ...rows(100, { expected: 'deliver', tags: ['hard-ham'], output: 'quarantine', outcome: 'fail' })]);
  test('3.1 dimensions are weighted by severity, the composite is their mean', () => {
    // accuracy (3 · 1 + 1 · 0) / 4, safety 1 - 1, scope-honesty 1 - 0
    expect(scoresOf(results)).toEqual({ profile: 'agentctl-score/1', composite: '0.583333', dimensions: { accuracy: '0.750000', safety: '0.000000', 'scope-honesty': '1.000000' } });
  });
  test('3.1 what was not measured counts as nothing', () => {
    expect(scoresOf(judgeConditions(pactOf(recall), [])).composite).toBe('0.000000');
    expect(scoresOf([])).toMatchObject({ composite: null, dimensions: {} });
  });
});

describe('drift', () => {
  const day = (n: number, accuracy: string): DatedScores => ({ at: toInstant(Date.UTC(2026, 10, n, 3)), dimensions: { accuracy } });
  const now = toInstant(Date.UTC(2026, 10, 7, 12));
  const week = [1, 2, 3, 4, 5, 6].map((n) => day(n, '0.90'));
  test('5.3 armed until there are seven distinct days', () => {
    expect(driftOf([], now)).toMatchObject({ state: 'armed', because: 'armed: 0 of 7 days' });
    expect(driftOf([...week, day(6, '0.10')], now)).toMatchObject({ state: 'armed', because: 'armed: 6 of 7 days' });
  });
  test('5.3 a fall on the seventh day is seen, in percent', () => {
    const drift = driftOf([...week, day(7, '0.81')], now);
    expect(drift).toMatchObject({ state: 'watching', dimensions: [{ dimension: 'accuracy', newest: '0.810000', best: '0.900000', percent: '10.000000' }] });
    expect(drifted(drift, '5').map((one) => one.dimension)).toEqual(['accuracy']);
    expect(drifted(drift, '15')).toEqual([]);
  });
  test('5.3 a steady or rising score is no drift', () => {
    expect(drifted(driftOf([...week, day(7, '0.95')], now), '0')).toEqual([]);
  });
  test('5.3 a fall outside the window is history, a run of tomorrow is ignored', () => {
    const later = toInstant(Date.UTC(2026, 10, 20, 12));
    expect(drifted(driftOf([...week, day(7, '0.5'), day(19, '0.5'), day(20, '0.5'), day(21, '0.1')], later), '5')).toEqual([]);
  });
  test('5.3 a dimension that is no longer measured has fallen', () => {
    expect(drifted(driftOf([...week, { at: day(7, '0').at, dimensions: {} }], now), '5')).toMatchObject([{ percent: '100.000000' }]);
  });
});
