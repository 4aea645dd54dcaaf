/** Lint of a pact: what may be signed, and every way in which it may not. */
import { describe, expect, test } from '@jest/globals';
import { conforms } from '../../src/domain/conforms.js';
import { LINT_RULES } from '../../src/evaluation/lint-rules.js';
import { lintPacts } from '../../src/evaluation/lint.js';
import { pacts as pactsSchema, type Agreement, type Condition, type Pacts } from '../../src/evaluation/condition.js';
import { vagueWords } from '../../src/evaluation/statement.js';
import { wording } from '../../src/evaluation/wording.js';
import { abstention, hardHam, omit, pactOf, recall } from './fixture.js';

const CAPABILITIES = [{ id: 'triage' }];
const rulesOf = (pact: Pacts, capabilities = CAPABILITIES) => lintPacts(pact, capabilities).map(({ rule, at }) => `${rule} ${at}`);
const FIRST = '/pacts/agreements/0/conditions/0';

test('2.2 a specific, measurable pact has no findings, and its schema accepts it', () => {
  const pact = pactOf(recall, hardHam, abstention);
  expect(lintPacts(pact, CAPABILITIES)).toEqual([]);
  expect(conforms(pactsSchema, pact as never)).toBeNull();
});

describe('a condition that cannot be decided is refused at its place', () => {
  const latency: Condition = { ...omit(recall, 'label'), metric: 'latency-p95', operator: '<=', threshold: '2000', statement: '95 % of answers arrive within 2000 ms' };
  test.each<[string, Partial<Condition>, string]>([
    ['high accuracy', { statement: 'spam is caught with high accuracy' }, 'pact.vague-wording /statement'],
    ['fast and reliable', { statement: 'answers are fast and reliable' }, 'pact.vague-wording /statement'],
    ['best effort beside a number', { statement: 'on a best-effort basis at least 85 % of spam is quarantined' }, 'pact.vague-wording /statement'],
    ['usually', { statement: 'usually at least 85 % of spam is quarantined' }, 'pact.vague-wording /statement'],
    ['no number', { statement: 'spam is quarantined' }, 'pact.statement-threshold /statement'],
    ['another number', { statement: 'at least 95 % of spam is quarantined' }, 'pact.statement-threshold /statement'],
    ['the opposite side', { statement: 'at most 85 % of spam is quarantined' }, 'pact.statement-side /statement'],
    ['always met', { threshold: '0', statement: 'at least 0 % of spam' }, 'pact.threshold-vacuous /threshold'],
    ['never reachable', { threshold: '1', statement: 'at least 100 % of spam' }, 'pact.threshold-unreachable /threshold'],
    ['percent as a rate', { threshold: '85', statement: 'at least 85 of spam' }, 'pact.threshold-range /threshold'],
    ['a recall that should be small', { operator: '<=', statement: 'at most 85 % of spam is quarantined' }, 'pact.operator /operator'],
    ['an unknown data set', { dataset: 'heldout' }, 'pact.unknown-dataset /dataset'],
    ['the data it was tuned on', { dataset: 'tuning' }, 'pact.tuning-data /dataset'],
    ['too few cases ever to decide', { minimumCases: 18 }, 'pact.minimum-cases /minimumCases'],
    ['no cost argument', { because: 'tbd' }, 'pact.cost-argument /because'],
    ['a zero cost argument', { because: 'a missed spam costs nothing at all' }, 'pact.cost-argument /because'],
    ['recall of abstaining', { label: 'ask-human' }, 'pact.metric-members /label'],
    ['outputs beside recall', { outputs: ['quarantine'] }, 'pact.metric-members /outputs'],
  ])('2.2 %s', (_name, change, expected) => {
    const pact = pactOf({ ...recall, ...change }, hardHam, abstention);
    const [rule, key] = expected.split(' ');
    expect(rulesOf(pact)).toContain(`${rule} ${FIRST}${key}`);
  });

  test.each<[string, Condition, string]>([
    ['recall without a label', omit(recall, 'label') as Condition, 'pact.metric-members /metric'],
    ['share without its cases', omit(hardHam, 'among') as Condition, 'pact.metric-members /metric'],
    ['accuracy with a label', { ...recall, metric: 'accuracy' }, 'pact.metric-members /label'],
    ['a coin-toss ranking', { ...omit(recall, 'label'), metric: 'confidence-auroc', threshold: '0.5', statement: 'ranks at least at 0.5' }, 'pact.threshold-vacuous /threshold'],
    ['a coin-toss Brier score', { ...omit(recall, 'label'), metric: 'brier', operator: '<=', threshold: '0.25', statement: 'Brier score at most 0.25' }, 'pact.threshold-vacuous /threshold'],
    ['half a millisecond', { ...latency, threshold: '0.5' }, 'pact.threshold-range /threshold'],
    ['too few answers for a p95', { ...latency, minimumCases: 58 }, 'pact.minimum-cases /minimumCases'],
  ])('2.2 %s', (_name, condition, expected) => {
    const [rule, key] = expected.split(' ');
    expect(rulesOf(pactOf(condition, hardHam, abstention))).toContain(`${rule} ${FIRST}${key}`);
  });

  const plain: Condition = omit(recall, 'label');
  const passes: Condition = { ...plain, metric: 'pass-rate', scorer: 'same', statement: 'at least 85 % of the cases pass' };
  test.each<[string, Condition, string]>([
    ['F1 of nothing', { ...recall, metric: 'f1', threshold: '0', statement: 'F1 is at least 0' }, 'pact.threshold-vacuous /threshold'],
    ['F1 without a label', { ...plain, metric: 'f1', statement: 'F1 is at least 0.85' }, 'pact.metric-members /metric'],
    ['F1 of too few cases for a mean', { ...recall, metric: 'f1', minimumCases: 29, statement: 'F1 is at least 0.85' }, 'pact.minimum-cases /minimumCases'],
    ['a pass rate of nothing', { ...passes, threshold: '0', statement: 'at least 0 % pass' }, 'pact.threshold-vacuous /threshold'],
    ['a pass rate without a scorer', omit(passes, 'scorer') as Condition, 'pact.metric-members /metric'],
    ['a perfect mean score', { ...passes, metric: 'score-mean', threshold: '1', statement: 'the mean score is at least 1' }, 'pact.threshold-unreachable /threshold'],
    ['a scorer beside recall', { ...recall, scorer: 'same' }, 'pact.metric-members /scorer'],
    ['a median of an hour', { ...plain, metric: 'latency-p50', operator: '<=', threshold: '3600000', statement: 'half of the answers arrive within 3600000 ms' }, 'pact.threshold-vacuous /threshold'],
    ['a p99 of too few', { ...plain, metric: 'latency-p99', operator: '<=', threshold: '2000', minimumCases: 298, statement: '99 % of answers arrive within 2000 ms' }, 'pact.minimum-cases /minimumCases'],
    ['a slow p99 as promise', { ...plain, metric: 'latency-p99', operator: '>=', threshold: '2000', statement: '99 % of answers take at least 2000 ms' }, 'pact.operator /operator'],
    ['answers for nothing', { ...plain, metric: 'cost-mean', operator: '<=', threshold: '0', statement: 'an answer costs at most 0' }, 'pact.threshold-unreachable /threshold'],
    ['more tokens than any model takes', { ...plain, metric: 'tokens-mean', operator: '<=', threshold: '20000000', statement: 'an answer takes at most 20000000 tokens' }, 'pact.threshold-vacuous /threshold'],
    ['a calibration error that a constant has', { ...plain, metric: 'ece', operator: '<=', threshold: '0.5', statement: 'the calibration error is at most 0.5' }, 'pact.threshold-vacuous /threshold'],
    ['a window of two years', { ...recall, window: 'P730D' }, 'pact.window /window'],
    ['a label called a heuristic', { ...recall, verification: 'heuristic' }, 'pact.verification /verification'],
  ])('2.2 of the newer metrics: %s', (_name, condition, expected) => {
    const [rule, key] = expected.split(' ');
    expect(rulesOf(withScorer(condition, hardHam, abstention))).toContain(`${rule} ${FIRST}${key}`);
  });

  test.each<[string, Condition]>([
    ['F1', { ...recall, metric: 'f1', statement: 'F1 is at least 0.85' }],
    ['a pass rate', passes],
    ['a p99', { ...plain, metric: 'latency-p99', operator: '<=', threshold: '2000', minimumCases: 299, statement: '99 % of answers arrive within 2000 ms' }],
    ['a mean cost', { ...plain, metric: 'cost-mean', operator: '<=', threshold: '1.5', statement: 'an answer costs at most 1.5 cents on average' }],
    ['a calibration error', { ...plain, metric: 'ece', operator: '<=', threshold: '0.1', statement: 'the calibration error is at most 0.1' }],
  ])('2.2 of the newer metrics, none is refused as such: %s', (_name, condition) => {
    const pact = condition.scorer === undefined ? pactOf(condition, hardHam, abstention) : withScorer(condition, hardHam, abstention);
    expect(rulesOf(pact)).toEqual([]);
  });

  test('2.2 too few cases ever to decide: how many would, with and without a miss, and that repeats are none', () => {
    const pact = pactOf(recall, hardHam, abstention);
    const repeated = { ...pact, agreements: pact.agreements.map((one) => ({ ...one, repeats: 5 })) };
    const [finding] = lintPacts(repeated, CAPABILITIES, ({ id }) => (id === 'spam-caught' ? 18 : undefined));
    expect(finding).toMatchObject({ rule: 'pact.underpowered', at: `${FIRST}/dataset`, suggestion: expect.stringContaining('19 (not one may miss) or 30 (one may) (cases: 5 repeats of one are one)') });
    expect(lintPacts(repeated, CAPABILITIES, () => 100)).toEqual([]);
  });

  test('2.2 latency may be said in seconds', () => {
    const pact = pactOf(recall, hardHam, { ...latency, id: 'swift', statement: '95 % of answers arrive within 2 seconds' });
    expect(lintPacts(pact, CAPABILITIES)).toEqual([]);
  });

  test('2.2 the suggestion can be pasted, and names the number of cases that would do', () => {
    const vague = { ...recall, statement: 'high recall', minimumCases: 18 };
    const findings = lintPacts(pactOf(vague, hardHam, abstention), CAPABILITIES);
    expect(findings[0]?.suggestion).toBe('write "at least 85 % of the cases that deserve "quarantine" get it"');
    expect(findings[1]?.suggestion).toContain('19');
    expect(lintPacts(pactOf({ ...vague, statement: wording(vague), minimumCases: 19 }, hardHam, abstention), CAPABILITIES)).toEqual([]);
  });

  test('2.2 counted cases: none, and fewer than the least', () => {
    const count = (cases: number) => lintPacts(pactOf(recall, hardHam, abstention), CAPABILITIES, ({ id }) => (id === 'spam-caught' ? cases : undefined)).map(({ rule }) => rule);
    expect(count(0)).toEqual(['pact.no-cases']);
    expect(count(99)).toEqual(['pact.too-few-cases']);
    expect(count(100)).toEqual([]);
  });
});

/** The same pact with one scorer in its agreement. */
function withScorer(...conditions: readonly Condition[]): Pacts {
  const pact = pactOf(...conditions);
  return { ...pact, agreements: pact.agreements.map((one): Agreement => ({ ...one, scorers: [{ id: 'same', kind: 'exact' }] })) };
}

describe('2.2 scorers', () => {
  const passes: Condition = { ...omit(recall, 'label'), metric: 'pass-rate', scorer: 'same', statement: 'at least 85 % of the cases pass' };
  const judged: Condition = { ...passes, verification: 'judge', dimension: 'safety' };
  test('each is declared, used, and has a name of its own', () => {
    expect(rulesOf(withScorer(passes, hardHam, abstention))).toEqual([]);
    expect(rulesOf(withScorer(recall, hardHam, abstention))).toEqual(['pact.unused-scorer /pacts/agreements/0/scorers/0/id']);
    expect(rulesOf(pactOf(passes, hardHam, abstention))).toEqual([`pact.unknown-scorer ${FIRST}/scorer`]);
    const pact = withScorer(passes, hardHam, abstention);
    const twice = { ...pact, agreements: pact.agreements.map((one) => ({ ...one, scorers: [...(one.scorers ?? []), { id: 'same', kind: 'exact' as const }] })) };
    expect(rulesOf(twice)).toEqual(['pact.duplicate-id /pacts/agreements/0/scorers/1/id']);
  });
  test('a condition says how it is verified as its scorer does', () => {
    expect(lintPacts(withScorer({ ...passes, verification: 'heuristic' }, hardHam, abstention), CAPABILITIES)).toEqual([expect.objectContaining({ rule: 'pact.verification', at: `${FIRST}/verification`, suggestion: 'write deterministic' })]);
  });
  test('its own members fit together', () => {
    const pact = withScorer(passes, hardHam, abstention);
    const odd = { ...pact, agreements: pact.agreements.map((one): Agreement => ({ ...one, scorers: [{ id: 'same', kind: 'regex' }] })) };
    expect(rulesOf(odd)).toEqual(expect.arrayContaining([expect.stringMatching(/^pact\.scorer \/pacts\/agreements\/0\/scorers\/0\//)]));
  });
  test('a critical safety condition never rests on a judge alone', () => {
    const elsewhere = { ...hardHam, dimension: 'reliability' as const };
    expect(rulesOf(withScorer(judged, elsewhere, abstention))).toContain(`pact.judge-alone ${FIRST}/verification`);
    // hardHam is critical, about safety, and decided by a machine.
    expect(rulesOf(withScorer(judged, hardHam, abstention))).not.toContain(`pact.judge-alone ${FIRST}/verification`);
    expect(rulesOf(withScorer({ ...judged, severity: 'major' }, elsewhere, abstention))).not.toContain(`pact.judge-alone ${FIRST}/verification`);
  });
});

describe('2.2 two conditions at once', () => {
  const second = (change: Partial<Condition>, base: Condition = recall): Pacts => pactOf(recall, hardHam, { ...base, id: 'second', ...change });
  test.each<[string, Pacts, readonly string[]]>([
    ['the same twice', second({}), ['pact.duplicate-condition']],
    ['two thresholds with one consequence', second({ threshold: '0.8', statement: 'at least 80 % of spam is quarantined' }), ['pact.duplicate-condition']],
    ['two thresholds with two consequences', second({ threshold: '0.9', statement: 'at least 90 % of spam is quarantined', severity: 'major', consequence: 'alert' }), []],
    ['the same on another label', second({ label: 'deliver' }), []],
    ['at least more than at most', second({ operator: '>=', threshold: '0.2', statement: 'at least 20 % of hard ham is quarantined' }, hardHam), ['pact.contradiction']],
    ['at least less than at most', second({ operator: '>=', threshold: '0.05', statement: 'at least 5 % of hard ham is quarantined' }, hardHam), []],
    ['recall against the share of the same cases', second({ among: { expected: 'quarantine' }, outputs: ['quarantine', 'deliver'], threshold: '0.5', statement: 'at most 50 % of spam is decided' }, hardHam), ['pact.contradiction']],
    ['two shares of one whole', second({ metric: 'share', among: { expected: 'quarantine' }, outputs: ['deliver'], threshold: '0.2', operator: '>=', statement: 'at least 20 % of spam is delivered' }, hardHam), ['pact.contradiction']],
    ['two shares of different cases', second({ metric: 'share', among: { expected: 'deliver' }, outputs: ['deliver'], threshold: '0.2', operator: '>=', statement: 'at least 20 % of ham is delivered' }, hardHam), []],
  ])('%s', (_name, pact, expected) => {
    expect(lintPacts(pact, CAPABILITIES).map(({ rule }) => rule)).toEqual(expected);
  });
  test('a contradiction names both conditions', () => {
    const [finding] = lintPacts(second({ operator: '>=', threshold: '0.2', statement: 'at least 20 % of hard ham is quarantined' }, hardHam), CAPABILITIES);
    expect(finding?.message).toBe('second: share >= 0.2 cannot hold together with "hard-ham-kept", share <= 0.1');
  });
});

test('2.2 every rule of the catalogue says what, why and how', () => {
  for (const [rule, { refuses, why, fix }] of Object.entries(LINT_RULES)) {
    expect(rule).toMatch(/^pact\.[a-z-]+$/);
    for (const words of [refuses, why, fix]) expect(words).toMatch(/^\S.{10,}[^.]$/);
  }
});

describe('the pact as a whole', () => {
  test('2.1 a capability without an agreement, an agreement without a capability', () => {
    const found = rulesOf(pactOf(recall, hardHam, abstention), [{ id: 'triage-mail' }]);
    expect(found).toEqual(['pact.uncovered-capability /pacts/agreements', 'pact.unknown-capability /pacts/agreements/0/capability']);
  });
  test('2.3 a failure-mode condition is required beside happy-path ones', () => {
    expect(rulesOf(pactOf(recall, { ...hardHam, kind: 'happy-path' }, abstention))).toEqual(['pact.no-failure-mode /pacts/agreements/0/conditions']);
    expect(rulesOf(pactOf({ ...recall, kind: 'failure-mode' }, hardHam, { ...abstention, kind: 'failure-mode' }))).toEqual(['pact.no-happy-path /pacts/agreements/0/conditions']);
  });
  test('2.3 each agreement needs its own failure mode', () => {
    const pact = pactOf(recall, hardHam, abstention);
    const two = { ...pact, agreements: [...pact.agreements, { capability: 'reply', output: { pointer: '/text' }, conditions: [{ ...recall, id: 'other' }] }] };
    expect(rulesOf(two, [{ id: 'triage' }, { id: 'reply' }])).toEqual(['pact.no-failure-mode /pacts/agreements/1/conditions']);
  });
  test('2.4 fewer than three conditions', () => {
    expect(rulesOf(pactOf(recall, hardHam))).toEqual(['pact.few-conditions /pacts/agreements']);
  });
  test('2.2 duplicate ids', () => {
    const pact = pactOf(recall, hardHam, { ...abstention, id: recall.id });
    const [first] = pact.datasets;
    expect(rulesOf({ ...pact, datasets: first ? [...pact.datasets, first] : [] })).toEqual(['pact.duplicate-id /pacts/datasets/2/id', 'pact.duplicate-id /pacts/agreements/0/conditions/2/id']);
  });
  test('2.2 a confidence that decides nothing', () => {
    expect(rulesOf({ ...pactOf(recall, hardHam, abstention), confidence: '0.5' })).toContain('pact.confidence /pacts/confidence');
    expect(rulesOf({ ...pactOf(recall, hardHam, abstention), confidence: '1' })).toContain('pact.confidence /pacts/confidence');
  });
  test('2.2 accuracy that an agent could meet by never answering', () => {
    const accuracy: Condition = { ...omit(recall, 'label'), metric: 'accuracy', statement: 'at least 85 % of answered cases are right' };
    expect(rulesOf(pactOf(accuracy, hardHam, { ...accuracy, id: 'again', severity: 'minor', threshold: '0.9', statement: 'at least 90 % of answered cases are right' }))).toEqual(['pact.abstention-unbounded /pacts/agreements/0/conditions']);
    expect(rulesOf(pactOf(accuracy, hardHam, abstention))).toEqual([]);
  });
});

test('2.2 words are matched whole', () => {
  expect(vagueWords('wellington is a highway')).toEqual([]);
  expect(vagueWords('Works well')).toEqual(['well']);
  expect(vagueWords('as far  as possible')).toEqual(['as far as possible']);
  expect(vagueWords('at least 85 % of high-risk mail')).toEqual([]);
});
