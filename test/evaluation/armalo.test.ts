/** Pacts in Armalo's schema: what goes over and comes back, and that the rest is told on both ways. */
import { describe, expect, test } from '@jest/globals';
import { conforms } from '../../src/domain/conforms.js';
import { Fault } from '../../src/domain/fault.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { fromArmalo, toArmalo } from '../../src/evaluation/armalo.js';
import { agreement as agreementSchema, type Agreement, type Condition } from '../../src/evaluation/condition.js';
import { abstention, DIGEST, hardHam, omit, pactOf, recall } from './fixture.js';

const judged: Condition = { ...omit(recall, 'label'), id: 'kind', metric: 'pass-rate', scorer: 'tone', verification: 'judge', statement: 'at least 85 % of the cases pass' };
const swift: Condition = { ...omit(recall, 'label'), id: 'swift', metric: 'latency-p95', operator: '<=', threshold: '2000', statement: '95 % of answers arrive within 2000 ms' };
const AGREEMENT: Agreement = { ...(pactOf(recall, hardHam, abstention, judged, swift).agreements[0] as Agreement), repeats: 3, scorers: [{ id: 'tone', kind: 'exact' }] };
const ABOUT = { name: 'mail', document: DIGEST };
const HERE = { dataset: 'held-out', confidence: '0.95' };
const there = () => toArmalo({ confidence: '0.95' }, AGREEMENT, ABOUT);
const back = (value: Json) => fromArmalo(value, 'theirs.json', HERE);
const conditionsOf = ({ agreement }: { readonly agreement: JsonObject }) => agreement['conditions'] as unknown as readonly Condition[];

test('2.2 the words of the schema: operators, severities, methods, units; the whole document by its digest', () => {
  const { pact } = there();
  expect(pact).toMatchObject({ name: 'mail: triage', pactType: 'unilateral', isPublic: false, description: expect.stringContaining(DIGEST) });
  expect(pact['conditions']).toEqual([
    { type: 'recall', operator: 'gte', value: 0.85, unit: 'ratio', severity: 'critical', verificationMethod: 'deterministic', description: 'spam-caught: at least 85 % of spam is quarantined' },
    expect.objectContaining({ type: 'share', operator: 'lte', value: 0.1 }), expect.objectContaining({ type: 'abstention', severity: 'minor' }),
    expect.objectContaining({ type: 'pass-rate', verificationMethod: 'jury' }), expect.objectContaining({ type: 'latency', operator: 'lte', value: 2000, unit: 'ms' }),
  ]);
});

test('2.2 there and back: every member of every condition either comes back or was told as lost', () => {
  const { pact, lost } = there();
  const conditions = conditionsOf(back(pact));
  expect(conditions.map(({ id }) => id)).toEqual(AGREEMENT.conditions.map(({ id }) => id));
  for (const [index, before] of AGREEMENT.conditions.entries()) {
    const after = conditions[index] as unknown as Record<string, Json>;
    for (const [member, value] of Object.entries(before)) {
      const same = member === 'threshold' ? Number(after[member]) === Number(value) : JSON.stringify(after[member]) === JSON.stringify(value);
      const told = lost.includes(`${before.id}: ${member} ${JSON.stringify(value)}`);
      expect([before.id, member, same || told]).toEqual([before.id, member, true]);
    }
  }
  expect(lost).toEqual(expect.arrayContaining(['pact: confidence 0.95', 'pact: repeats 3', 'pact: scorers tone', 'spam-caught: label "quarantine"', expect.stringMatching(/^agentId: /)]));
});

test('2.2 what is read is an agreement by its schema, and what was guessed is told', () => {
  const { agreement, guessed } = back(there().pact);
  expect(conforms(agreementSchema, agreement)).toBeNull();
  expect(agreement).toMatchObject({ capability: 'triage' });
  for (const { id } of AGREEMENT.conditions) expect(guessed).toEqual(expect.arrayContaining([`${id}: window "P90D"`, `${id}: consequence "alert"`, expect.stringMatching(new RegExp(`^${id}: because .*TBD`))]));
});

describe('2.2 a pact that others wrote', () => {
  const one = (condition: JsonObject, more: JsonObject = {}) => back({ name: 'Support bot', conditions: [condition], ...more });
  const accuracy = { type: 'accuracy', operator: 'gte', value: 0.94, severity: 'major', verificationMethod: 'deterministic', description: 'Answers match the references' };

  test.each<[string, JsonObject, Partial<Condition>, readonly (string | RegExp)[]]>([
    ['as documented', accuracy, { id: 'accuracy-1', metric: 'accuracy', operator: '>=', threshold: '0.94', severity: 'major', statement: 'Answers match the references' }, []],
    ['threshold for value, metric for method', { ...omit(accuracy, 'value'), threshold: 0.94, verificationMethod: 'metric' }, { threshold: '0.94', verification: 'deterministic' }, []],
    ['percent', { ...accuracy, value: 94, unit: '%' }, { threshold: '0.94' }, []],
    ['seconds, strictly', { type: 'latency', operator: 'lt', value: 2.5, unit: 's', severity: 'minor', description: 'quick' }, { metric: 'latency-p95', operator: '<=', threshold: '2500' }, [/operator lt, read as <=/, /type latency, read as its 95th percentile/]],
    ['a severity of their own', { ...accuracy, severity: 'info' }, { severity: 'minor' }, [/severity "info", read as minor/]],
    ['a jury', { ...accuracy, verificationMethod: 'jury' }, { verification: 'judge' }, []],
    ['a method of tomorrow', { ...accuracy, verificationMethod: 'oracle' }, { verification: 'deterministic' }, [/verificationMethod "oracle"/]],
    ['a member of tomorrow', { ...accuracy, weight: 3 }, {}, [/weight 3/]],
    ['no words', omit(accuracy, 'description'), { statement: 'at least 94 % of answered cases are right' }, []],
  ])('%s', (_name, raw, expected, told) => {
    const read = one(raw);
    expect(conditionsOf(read)[0]).toMatchObject(expected);
    expect(read.lost.filter((line) => !line.startsWith('pact: '))).toEqual(told.map((line) => expect.stringMatching(line)));
  });

  test.each<[string, JsonObject]>([
    ['a list of topics', { type: 'prohibited_topics', operator: 'excludes', value: ['medical advice'], severity: 'critical' }],
    ['a yes or no', { ...accuracy, value: true }],
    ['a type that no metric decides', { ...accuracy, type: 'politeness' }],
    ['equality', { ...accuracy, operator: 'eq' }],
    ['a unit that nobody knows', { ...accuracy, unit: 'furlongs' }],
    ['more digits than a threshold has', { ...accuracy, value: 0.123456789 }],
    ['less than nothing', { ...accuracy, value: -1 }],
  ])('what cannot be decided here is named whole, not guessed: %s', (_name, raw) => {
    const read = one(raw, { escrowRequired: true });
    expect(conditionsOf(read)).toEqual([]);
    expect(read.lost).toEqual(['pact: name "Support bot"', 'pact: escrowRequired true', expect.stringContaining(`the whole condition, since no metric decides ${JSON.stringify(raw)}`)]);
  });

  test.each<[string, Json]>([['nothing', {}], ['no condition', { conditions: [] }], ['a list', []], ['a text for a condition', { conditions: ['be good'] }]])('%s is no pact', (_name, value) => {
    expect(() => back(value)).toThrow(Fault);
    try {
      back(value);
    } catch (fault) {
      expect(fault).toMatchObject({ code: 'INPUT_INVALID', at: 'theirs.json' });
    }
  });

  test('two conditions of one name keep both', () => {
    const twice = back({ conditions: [{ ...accuracy, description: 'right: yes' }, { ...accuracy, description: 'right: yes again' }] });
    expect(conditionsOf(twice).map(({ id }) => id)).toEqual(['right', 'right-2']);
  });
});
