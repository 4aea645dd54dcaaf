/** Repeats: every case asked so often, told apart by the agent, and counted as one case. */
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../src/domain/json.js';
import type { RunningTarget, TargetRequest } from '../../src/domain/ports.js';
import type { Condition, Pacts } from '../../src/evaluation/condition.js';
import type { Case } from '../../src/evaluation/dataset.js';
import { runEvaluation } from '../../src/evaluation/flow/run.js';
import { judgeConditions } from '../../src/evaluation/judge.js';
import type { ResultRow } from '../../src/evaluation/score.js';
import type { Scored, Scorer } from '../../src/evaluation/scorers/scorer.js';
import { abstention, omit, pactOf, recall, row } from './fixture.js';

const repeated = (repeats: number, ...conditions: readonly Condition[]): Pacts => {
  const pact = pactOf(...conditions);
  return { ...pact, agreements: pact.agreements.map((one) => ({ ...one, repeats })) };
};
const trials = (id: string, ...outcomes: readonly Partial<ResultRow>[]): readonly ResultRow[] => outcomes.map((members, repeat) => row({ case: id, group: id, repeat, ...members }));
const right = {};
const wrong: Partial<ResultRow> = { outcome: 'fail', output: 'deliver' };
const lost: Partial<ResultRow> = { outcome: 'infrastructure', cause: 'timeout', output: null, confidence: null };
const judged = (condition: Condition, repeats: number, rows: readonly ResultRow[]) => judgeConditions(repeated(repeats, condition), rows)[0];

describe('3.3 a case that is repeated counts once', () => {
  const many = (count: number, ...outcomes: readonly Partial<ResultRow>[]) => Array.from({ length: count }, (_, at) => trials(`${JSON.stringify(outcomes)}-${at}`, ...outcomes)).flat();
  const loose = { ...recall, minimumCases: 1 };
  test('it is good only if every repeat is', () => {
    expect(judged(loose, 3, [...many(90, right, right, right), ...many(10, right, right, wrong)])).toMatchObject({ n: 100, value: '0.900000' });
    expect(judged(loose, 1, [...many(90, right, right, right), ...many(10, right, right, wrong)])).toMatchObject({ n: 300 });
  });
  test('and bad as soon as one is', () => {
    const seldom = { ...abstention, minimumCases: 1 };
    expect(judged(seldom, 2, [...many(3, right, { outcome: 'abstain', output: 'ask-human' }), ...many(7, right, right)])).toMatchObject({ n: 10, value: '0.300000' });
  });
  test('one that lost a repeat to an outage decides nothing, and is counted as lost', () => {
    expect(judged(loose, 2, [...many(99, right, right), ...many(1, right, lost)])).toMatchObject({ n: 99, value: '1.000000', errors: 1 });
    expect(judged(loose, 2, [...many(9, right, right), ...many(1, right, lost)])).toMatchObject({ verdict: 'insufficient', because: expect.stringContaining('1 of 10 cases were lost to infrastructure errors') });
  });
  test('one that was cut off decides nothing', () => {
    expect(judged(loose, 3, [...many(5, right, right, right), ...trials('cut', right, right)])).toMatchObject({ n: 5 });
  });
  test('of its answer times the slowest counts', () => {
    const soon: Condition = { ...omit(recall, 'label'), metric: 'latency-p50', operator: '<=', threshold: '100', minimumCases: 1 };
    expect(judged(soon, 2, many(60, { milliseconds: 1 }, { milliseconds: 500 }))).toMatchObject({ n: 60, value: '500', verdict: 'not-met' });
  });
});

const clock = { now: () => '2026-11-28T12:00:00.000Z' as const, monotonic: () => performance.now(), sleep: async () => undefined };
const cases: readonly Case[] = Array.from({ length: 5 }, (_, at) => ({ id: `c${at}`, input: at, expected: { decision: 'ok' }, tags: [] }));

async function run(options: { repeats?: number; seed?: number; scorers?: ReadonlyMap<string, Scorer>; decision?: Json }) {
  const asked: TargetRequest[] = [];
  const target: RunningTarget = {
    ask: async (request) => {
      asked.push(request);
      return { outcome: 'answer', output: { decision: options.decision ?? 'ok' }, confidence: null, doubt: false, reason: null, toolCalls: [], milliseconds: 1, usage: { inputTokens: 3, outputTokens: 4, cost: '0.01' } };
    },
    describe: async () => ({}),
    close: async () => undefined,
  };
  const rows: ResultRow[] = [];
  const { scorers, decision: _decision, ...plan } = options;
  const summary = await runEvaluation({
    target, cases, total: cases.length, run: 'run-1', concurrency: 2, clock, progress: { update: () => undefined, end: () => undefined }, plant: () => ({ add: () => undefined, root: () => 'root' }), onRow: (row) => void rows.push(row), onBatch: async () => undefined,
    as: { capability: 'triage', dataset: 'held-out', ...(scorers ? { scorers } : { output: { pointer: '/decision' } }) }, ...plan,
  });
  return { asked, summary, rows };
}

test('3.3 each repeat is a question of its own: no cache can take it for the same one, and the seed says which it is', async () => {
  const { asked, rows, summary } = await run({ repeats: 3, seed: 7 });
  expect(new Set(asked.map(({ id }) => id)).size).toBe(15);
  expect(rows.map((one) => [one.case, one.repeat])).toEqual(cases.flatMap(({ id }) => [0, 1, 2].map((repeat) => [id, repeat])));
  expect(asked.filter(({ input }) => input === 0).map(({ context }) => context)).toEqual([{ repeat: 0, seed: 7 }, { repeat: 1, seed: 8 }, { repeat: 2, seed: 9 }]);
  expect(summary).toMatchObject({ cases: 15, answered: 15 });
});

test('3.1 an answer that tells what it consumed is on record with it', async () => {
  expect((await run({})).rows[0]).toMatchObject({ usage: { tokens: 7, cost: '0.01' }, repeat: 0, scores: {} });
});

describe('3.1 scorers beside the label', () => {
  const always = (is: Scored['is'], score: string | null = null): Scorer => ({ score: async () => ({ is, score, because: 'said so' }) });
  const passRate = (members: Partial<Condition> = {}): Condition => ({ ...omit(recall, 'label'), metric: 'pass-rate', scorer: 'polite', minimumCases: 1, ...members });
  const withScores = (count: number, scored: Scored) => Array.from({ length: count }, (_, at) => row({ case: `s${at}`, scores: { polite: scored } }));
  test.each<[Scored['is'], string, string | null]>([['pass', 'pass', null], ['fail', 'fail', 'scorer'], ['unscored', 'not-evaluable', 'unscored'], ['not-evaluable', 'not-evaluable', 'not-evaluable']])('where they alone decide, %s ends in %s', async (is, outcome, cause) => {
    const { rows } = await run({ scorers: new Map([['fine', always('pass')], ['polite', always(is)]]) });
    expect(rows).toHaveLength(5);
    for (const one of rows) expect(one).toMatchObject({ outcome, cause, output: null, expected: null, scores: { polite: { is, because: 'said so' } } });
  });
  test('pass-rate counts what the scorer decided; what it could not see caps the verdict', () => {
    const pass: Scored = { is: 'pass', score: null, because: '' };
    expect(judgeConditions(pactOf(passRate()), [...withScores(95, pass), ...withScores(5, { ...pass, is: 'fail' })])[0]).toMatchObject({ n: 100, value: '0.950000', verdict: 'met' });
    expect(judgeConditions(pactOf(passRate()), [...withScores(100, pass), ...withScores(1, { ...pass, is: 'not-evaluable' })])[0]).toMatchObject({ verdict: 'insufficient', because: '1 cases lack what the scorer polite needs' });
    expect(judgeConditions(pactOf(passRate()), [...withScores(96, pass), ...withScores(4, { ...pass, is: 'unscored' })])[0]).toMatchObject({ verdict: 'insufficient', because: expect.stringContaining('4 of 100 cases were left without a score by polite') });
  });
  test('a scorer that decided nothing is named, though nothing was measured', () => {
    const result = judgeConditions(pactOf(passRate()), withScores(40, { is: 'unscored', score: null, because: '' }))[0];
    expect(result).toMatchObject({ n: 0, verdict: 'insufficient', because: '40 of 40 cases were left without a score by polite, more than 2 %, and none was measured' });
  });
  test('score-mean is the mean of the scores, bounded over groups', () => {
    const scored = (score: string): Scored => ({ is: 'pass', score, because: '' });
    const result = judgeConditions(pactOf(passRate({ metric: 'score-mean', threshold: '0.7' })), [...withScores(50, scored('0.9')), ...withScores(50, scored('0.7'))])[0];
    expect(result).toMatchObject({ n: 100, value: '0.800000', verdict: 'met' });
    expect(Number(result?.lower)).toBeGreaterThan(0.78);
  });
});

describe('3.1 what an answer costs', () => {
  const cheap: Condition = { ...omit(recall, 'label'), metric: 'cost-mean', operator: '<=', threshold: '0.05', minimumCases: 1 };
  const costing = (count: number, cost: string | null) => Array.from({ length: count }, (_, at) => row({ case: `u${String(cost)}-${at}`, group: `u${String(cost)}-${at}`, usage: { tokens: 10, cost } }));
  test('mean with its bounds', () => {
    expect(judgeConditions(pactOf(cheap), [...costing(50, '0.01'), ...costing(50, '0.03')])[0]).toMatchObject({ n: 100, value: '0.020000', verdict: 'met' });
    expect(judgeConditions(pactOf({ ...cheap, metric: 'tokens-mean', threshold: '9' }), costing(50, null))[0]).toMatchObject({ value: '10.000000', verdict: 'not-met' });
  });
  test('a target that does not tell is no cheap one', () => {
    expect(judgeConditions(pactOf(cheap), [...costing(99, '0.01'), ...costing(1, null)])[0]).toMatchObject({ verdict: 'insufficient', because: '1 cases do not tell what they consumed' });
  });
});

test('3.1 F1 of a label, by exact bounds of the share that is right', () => {
  const f1: Condition = { ...recall, metric: 'f1', threshold: '0.8', minimumCases: 1 };
  const result = judgeConditions(pactOf(f1), [...Array.from({ length: 90 }, () => row()), ...Array.from({ length: 5 }, () => row(wrong)), ...Array.from({ length: 5 }, () => row({ expected: 'deliver', outcome: 'fail' })), ...Array.from({ length: 200 }, () => row({ expected: 'deliver', output: 'deliver' }))])[0];
  // 2 · 90 / (2 · 90 + 5 + 5)
  expect(result).toMatchObject({ n: 100, value: (180 / 190).toFixed(6), verdict: 'met' });
});
