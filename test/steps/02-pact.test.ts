/** Step 2's questions, each on a pact and a signature that make it yes, no or unknown. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { pact } from '../../src/steps/02-pact.js';
import { digestOf, findingOf, NOW, type Seen } from '../support/step-io.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

afterAll(removeTinies);

type Condition = JsonObject & { readonly id: string; readonly kind: string };
type Agreement = JsonObject & { readonly capability: string; readonly conditions: readonly Condition[] };
const { pacts } = parse(readFileSync(new URL('../fixtures/tiny-agent/agent.yaml', import.meta.url), 'utf8')) as { pacts: JsonObject & { agreements: readonly [Agreement] } };
const [agreement] = pacts.agreements;
const { conditions } = agreement;
const withConditions = (list: readonly Condition[]): Json => ({ ...pacts, agreements: [{ ...agreement, conditions: list }] });
const edited = (change: JsonObject): Json => withConditions(conditions.map((one, index) => (index === 0 ? { ...one, ...change } : one)));

const CAPABILITIES = [{ id: 'sorting' }];
const SEEN: Seen = { capabilities: CAPABILITIES };
const human = { act: 'pact-sign', operator: 'erin', name: 'Erin Engineer', roles: ['engineering'], sentence: 's', ceremony: 'scripted', subject: digestOf('d'), at: NOW } as const;
const signed = (data: JsonObject = {}) => ({ type: 'pact.signed', data: { document: digestOf('d'), envelope: digestOf('f'), act: digestOf('a'), conditions: 5, loosened: [], ...data } });

const BLOBS = Object.fromEntries(['d', 'a', 'f'].map((letter) => [digestOf(letter), 'text']));
const drafted = (of: readonly Condition[], run: string | null = 'run-1') => ({ type: 'pact.drafted', data: { run, capability: 'sorting', conditions: of } });
const ran = (purpose: string, document = digestOf('d'), more: JsonObject = {}) => [
  { type: 'evaluation.started', data: { run: 'run-1', purpose, pact: document, cases: 40, ...more } },
  { type: 'evaluation.finished', data: { run: 'run-1', purpose, cases: 40 } },
];

describe('probes', () => {
  const CASES: readonly (readonly [row: string, probe: string, what: string, section: Json, seen: Seen, is: string, because: RegExp])[] = [
    ['2.1', 'pact.coverage', 'every capability', pacts, SEEN, 'yes', /every capability/],
    ['2.1', 'pact.coverage', 'a capability without agreement', pacts, { capabilities: [...CAPABILITIES, { id: 'refunds' }] }, 'no', /no agreement for refunds/],
    ['2.2', 'pact.precise', 'precise conditions', pacts, SEEN, 'yes', /metric, operator, threshold, data set and window/],
    ['2.2', 'pact.precise', 'vague wording', edited({ statement: 'high accuracy on all notes' }), SEEN, 'no', /"high" cannot be decided by a machine/],
    ['2.2', 'pact.precise', 'an unknown data set', edited({ dataset: 'nowhere' }), SEEN, 'no', /nowhere/],
    ['2.2', 'pact.precise', 'a promise that is always kept', edited({ threshold: '0', statement: 'at least 0 % of the notes are right' }), SEEN, 'no', /always met/],
    ['2.2', 'pact.precise', 'a promise that nothing can show', edited({ threshold: '1', statement: 'at least 100 % of the notes are right' }), SEEN, 'no', /no number of cases/],
    ['2.2', 'pact.precise', 'two vague conditions', withConditions(conditions.map((one, index) => (index < 2 ? { ...one, statement: 'good results' } : one))), SEEN, 'no', /, and 1 more/],
    ['2.3', 'pact.failure-modes', 'failure modes', pacts, SEEN, 'yes', /each capability/],
    ['2.3', 'pact.failure-modes', 'the happy path alone', withConditions(conditions.map((one) => ({ ...one, kind: 'happy-path' }))), SEEN, 'no', /no failure-mode condition for sorting/],
    ['2.4', 'pact.three', 'five conditions', pacts, SEEN, 'yes', /5 conditions/],
    ['2.4', 'pact.three', 'two conditions', withConditions(conditions.slice(1, 3)), SEEN, 'no', /2 of 3/],
    ['2.4', 'pact.signed', 'no signature', pacts, SEEN, 'unknown', /not signed yet/],
    ['2.4', 'pact.signed', 'a signature', pacts, { ...SEEN, entries: [signed()], human }, 'yes', /^Erin Engineer \(scripted\), 5 conditions$/],
    ['2.4', 'pact.signed', 'a signature that loosened', pacts, { ...SEEN, entries: [signed({ loosened: ['answers-right >= 0.85 -> 0.70'] })], human }, 'yes', /loosened: answers-right >= 0.85 -> 0.70/],
    ['2.4', 'pact.signed', 'a signer without role', pacts, { ...SEEN, entries: [signed()] }, 'unknown', /no longer holds/],
    ['2.5', 'pact.dispute', 'a whole run that the signed pact judged', pacts, { ...SEEN, blobs: BLOBS, entries: [signed(), ...ran('baseline')], human }, 'yes', /40 rows of run-1/],
    ['2.5', 'pact.dispute', 'a run that asked each case three times', pacts, { ...SEEN, blobs: BLOBS, entries: [signed(), ...ran('baseline', digestOf('d'), { repeats: 3 })], human }, 'yes', /120 rows of run-1/],
    ['2.5', 'pact.dispute', 'no signature', pacts, SEEN, 'unknown', /not signed yet/],
    ['2.5', 'pact.dispute', 'no run', pacts, { ...SEEN, blobs: BLOBS, entries: [signed()], human }, 'unknown', /no whole run/],
    ['2.5', 'pact.dispute', 'a run that was cut off', pacts, { ...SEEN, blobs: BLOBS, entries: [signed(), ...ran('baseline').slice(0, 1)], human }, 'unknown', /no whole run/],
    ['2.5', 'pact.dispute', 'a run of another purpose', pacts, { ...SEEN, blobs: BLOBS, entries: [signed(), ...ran('monitor')], human }, 'unknown', /no whole run/],
    ['2.5', 'pact.dispute', 'a run of another pact', pacts, { ...SEEN, blobs: BLOBS, entries: [signed(), ...ran('baseline', digestOf('e'))], human }, 'unknown', /no whole run/],
    ['2.5', 'pact.dispute', 'a signature whose text is gone', pacts, { ...SEEN, entries: [signed(), ...ran('baseline')], human }, 'unknown', /no whole run/],
    ['2.6', 'pact.drafting', 'no draft', pacts, SEEN, 'unknown', /no draft from a run is on record/],
    ['2.6', 'pact.drafting', 'a draft of every condition', pacts, { ...SEEN, entries: [drafted(conditions)] }, 'yes', /^every condition was drafted from run-1$/],
    ['2.6', 'pact.drafting', 'two drafts that make one pact', pacts, { ...SEEN, entries: [drafted(conditions.slice(0, 2)), drafted(conditions.slice(2), 'run-2')] }, 'yes', /from run-1, run-2$/],
    ['2.6', 'pact.drafting', 'a threshold that was moved', edited({ threshold: '0.90' }), { ...SEEN, entries: [drafted(conditions)] }, 'yes', /a human moved the threshold of answers-right/],
    ['2.6', 'pact.drafting', 'a condition without a draft', pacts, { ...SEEN, entries: [drafted(conditions.slice(1))] }, 'unknown', /on record for answers-right/],
    ['2.6', 'pact.drafting', 'a draft of another metric', edited({ metric: 'abstention' }), { ...SEEN, entries: [drafted(conditions)] }, 'unknown', /on record for answers-right/],
    ['2.6', 'pact.drafting', 'a draft from counts alone', pacts, { ...SEEN, entries: [drafted(conditions, null)] }, 'unknown', /no draft from a run is on record/],
  ];
  test.each(CASES)('%s %s on %s', async (row, probe, _what, section, seen, is, because) => {
    const found = await findingOf(pact, section, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });
});

describe('the state of the step', () => {
  const stateOf = (one: Tiny) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const { state, because, next } = steps.find((step) => step.id === 'pact') ?? { state: '', because: '', next: null };
    return { state, because, next };
  }, false);

  test('X1 signed before there is an identity it is blocked, and passes with it; a lost role reopens it, an edit makes it stale', async () => {
    const one = await tiny();
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', next: 'agentctl identity register' });
    await one.run('pact', 'sign', { as: 'erin' });
    expect(await stateOf(one)).toMatchObject({ state: 'blocked', because: 'waits for identity', next: 'agentctl identity register' });
    for (const verb of ['register', 'key issue', 'verify']) await one.run('identity', verb);
    expect(await stateOf(one)).toMatchObject({ state: 'passed', next: null });
    const demoted = one.copy();
    demoted.edit('agent.yaml', (text) => text.replace('roles: [engineering, product]', 'roles: [operations]'));
    expect(await stateOf(demoted)).toMatchObject({ state: 'unproven', because: expect.stringContaining('no longer holds') });
    one.edit('agent.yaml', (text) => text.replace('threshold: "0.85"', 'threshold: "0.80"').replace('at least 85 % of the notes', 'at least 80 % of the notes'));
    expect(await stateOf(one)).toMatchObject({ state: 'stale', because: expect.stringContaining('threshold "0.85" -> "0.80"'), next: 'agentctl pact sign --as <operator>' });
  }, 60_000);
});
