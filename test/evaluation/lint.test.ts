/** Lint of a pact: what may be signed, and every way in which it may not. */
import { describe, expect, test } from '@jest/globals';
import { conforms } from '../../src/domain/conforms.js';
import { lintPacts } from '../../src/evaluation/lint.js';
import { pacts as pactsSchema, type Condition, type Pacts } from '../../src/evaluation/condition.js';
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
    expect(rulesOf(pactOf(accuracy, hardHam, { ...accuracy, id: 'again' }))).toEqual(['pact.abstention-unbounded /pacts/agreements/0/conditions']);
    expect(rulesOf(pactOf(accuracy, hardHam, abstention))).toEqual([]);
  });
});

test('2.2 words are matched whole', () => {
  expect(vagueWords('wellington is a highway')).toEqual([]);
  expect(vagueWords('Works well')).toEqual(['well']);
  expect(vagueWords('as far  as possible')).toEqual(['as far as possible']);
  expect(vagueWords('at least 85 % of high-risk mail')).toEqual([]);
});
