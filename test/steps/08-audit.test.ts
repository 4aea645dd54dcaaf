/** Step 8's questions, each on records that make it yes, no or unknown. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import type { Attestation } from '../../src/domain/step.js';
import { RETENTION } from '../../src/ledger/retention.js';
import { audit } from '../../src/steps/08-audit.js';
import { digestOf, findingOf, NOW, type Seen } from '../support/step-io.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

afterAll(removeTinies);

const section = (preset = 'general', years = 3): JsonObject => ({ retention: { preset, years }, anchor: 'none' });
const withFile = (anchor: string): JsonObject => ({ ...section(), anchor, anchors: [{ kind: 'file', path: '/mnt/w.txt' }] });
const FILE = { kind: 'file', where: digestBytes('/mnt/w.txt'), size: 7 };
const WITNESS = { kind: 'http', where: 'w.example', size: 8 };
const verified = (...anchors: readonly JsonObject[]) => ({ type: 'audit.verified', data: { size: 9, ...(anchors.length === 0 ? {} : { anchors }) } });
const action = (data: JsonObject = {}, build: ReturnType<typeof digestOf> | null = digestOf('b')) => ({ type: 'action.recorded', data: { decision: 'permit', ...data }, agent: { id: 'c', did: 'did:key:a', version: '1.0.0', build } });
const ERIN: Attestation = { act: 'erase', operator: 'erin', name: 'Erin', roles: ['engineering'], sentence: 's', ceremony: 'scripted', subject: digestOf('s'), at: NOW };
const actions = (...outcomes: readonly string[]): Seen => ({ projections: { actions: Object.fromEntries(outcomes.map((outcome, index) => [`act-${index}`, { outcome }])) } });
/** Another action is done, this one began then. */
const begun = (ts: string): Seen => ({ ...actions('done', 'open'), entries: ['act-0', 'act-1'].map((id) => ({ type: 'action.intent', ts, data: { action: id } })) });

describe('probes', () => {
  const CASES: readonly (readonly [row: string, probe: string, what: string, section: JsonObject, seen: Seen, is: string, because: RegExp])[] = [
    ['8.1', 'audit.records', 'complete records', section(), { entries: [action(), action()] }, 'yes', /^2 action/],
    ['8.1', 'audit.records', 'records, and actions that were only observed', section(), { entries: [action(), { type: 'action.observed', data: { decision: 'none' }, agent: { id: 'c', did: null, version: null, build: null } }] }, 'yes', /^1 actions decided by agentctl, .*; 1 more only observed through telemetry, which nobody decided$/],
    ['8.1', 'audit.records', 'a record without build', section(), { entries: [action(), action({}, null)] }, 'no', /1 of the newest 2/],
    ['8.1', 'audit.records', 'a record without decision', section(), { entries: [action({ decision: null })] }, 'no', /1 of the newest 1/],
    ['8.2', 'audit.tamper-evident', 'nothing checked', section(), {}, 'unknown', /audit verify has not run/],
    ['8.2', 'audit.tamper-evident', 'a whole check', section(), { entries: [{ type: 'audit.verified', data: { size: 9 } }] }, 'yes', /chain, checkpoints and tables agree/],
    ['8.2', 'audit.anchor', 'nothing checked', section(), {}, 'unknown', /cannot be excluded/],
    ['8.2', 'audit.anchor', 'a whole check without anchor', section(), { entries: [{ type: 'audit.verified', data: { size: 9 } }] }, 'unknown', /cannot be excluded/],
    ['8.2', 'audit.anchor', 'anchors named by flags', section(), { entries: [verified(FILE, WITNESS)] }, 'yes', /^compared on 2026-11-22 12:00 UTC, at 9 entries: file named by a flag up to 7, witness w.example up to 8$/],
    ['8.2', 'audit.anchor', 'a declared anchor', withFile('none'), { entries: [verified(FILE)] }, 'yes', /file \/mnt\/w.txt up to 7$/],
    ['8.2', 'audit.anchor-required', 'none asked for', section(), {}, 'not-applicable', /asks for none/],
    ['8.2', 'audit.anchor-required', 'one required, nothing checked', withFile('required'), {}, 'unknown', /cannot be excluded/],
    ['8.2', 'audit.anchor-required', 'one required, and only a check without it', withFile('required'), { entries: [verified(FILE), verified()] }, 'unknown', /cannot be excluded/],
    ['8.2', 'audit.anchor-required', 'one required that agrees', withFile('required'), { entries: [verified(FILE)] }, 'yes', /up to 7$/],
    ['8.3', 'audit.retention', 'the years that the rule asks for', section('finance-us', 6), {}, 'yes', /6 years \(finance-us\)/],
    ['8.3', 'audit.retention', 'more years', section('general', 10), {}, 'yes', /10 years/],
    ['8.4', 'audit.export', 'no export', section(), {}, 'unknown', /nothing was exported/],
    ['8.4', 'audit.export', 'an export', section(), { entries: [{ type: 'audit.exported', data: { size: 9 } }] }, 'yes', /1 /],
    ['8.5', 'audit.erasure', 'nothing checked', section(), {}, 'unknown', /no audit verify has read the payloads back/],
    ['8.5', 'audit.erasure', 'a check from before payloads were encrypted', section(), { entries: [{ type: 'audit.verified', data: { size: 9 } }] }, 'unknown', /no audit verify has read the payloads back/],
    ['8.5', 'audit.erasure', 'a check that found none', section(), { entries: [{ type: 'audit.verified', data: { size: 9, payloads: 0 } }] }, 'unknown', /no payload is on record yet/],
    ['8.5', 'audit.erasure', 'a check that read them back', section(), { entries: [{ type: 'audit.verified', data: { size: 9, payloads: 4 } }] }, 'yes', /^4 payloads stand apart, each encrypted under a key of its own; 0 erased so far$/],
    ['8.5', 'audit.erasure', 'an erasure by a signed act', section(), { entries: [{ type: 'audit.verified', data: { size: 9, payloads: 4 } }, { type: 'payload.erased', data: { seq: 3 } }], human: ERIN }, 'yes', /1 erased, each by a signed act/],
    ['8.5', 'audit.erasure', 'an erasure that nobody stands behind', section(), { entries: [{ type: 'audit.verified', data: { size: 9, payloads: 4 } }, { type: 'payload.erased', data: { seq: 3 } }] }, 'unknown', /no operator of today stands behind the erasure of entry 1/],
    ['8.6', 'audit.complete', 'no intent', section(), {}, 'yes', /no intent is open/],
    ['8.6', 'audit.complete', 'intents with outcomes', section(), actions('done', 'failed'), 'yes', /no intent is open/],
    ['8.6', 'audit.complete', 'an intent without outcome, of an action that may still be running', section(), begun('2026-11-22T11:45:00.000Z'), 'unknown', /^1 intent without an outcome yet, first act-1: .*known after 2026-11-22 12:00 UTC/],
    ['8.6', 'audit.complete', 'an intent whose action cannot be running any more', section(), begun('2026-11-22T11:44:59.999Z'), 'no', /^1 intent without an outcome, first act-1: whoever began it is gone/],
    ['8.6', 'audit.complete', 'an open action whose intent is not to be found', section(), actions('done', 'open'), 'no', /^1 intent without an outcome, first act-1/],
    ['8.3', 'audit.retention', 'a class of its own that is kept too short', { ...section(), retention: { preset: 'general', years: 3, classes: { actions: { preset: 'tax', years: 5 } } } }, {}, 'no', /5 years, but tax asks for 7 \(actions\)/],
    ['8.3', 'audit.retention', 'a class of its own that is kept long enough', { ...section(), retention: { preset: 'general', years: 3, classes: { actions: { preset: 'tax', years: 7 } } } }, {}, 'yes', /7 years \(tax\).*3 years \(general\)/],
    ...Object.entries(RETENTION).map(([preset, { years }]) => ['8.3', 'audit.retention', `a year less than ${preset} asks for`, section(preset, years - 1), {}, 'no', new RegExp(`${years - 1} years, but ${preset} asks for ${years}`)] as const),
  ];
  test.each(CASES)('%s %s on %s', async (row, probe, _what, spec, seen, is, because) => {
    const found = await findingOf(audit, spec, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });

  test('8.3 every preset keeps for 3 to 7 years, and names its rule', () => {
    for (const { years, rule } of Object.values(RETENTION)) expect([years >= 3 && years <= 7, rule.length > 0]).toEqual([true, true]);
  });
});

describe('the state of the step', () => {
  const stateOf = (one: Tiny) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const { state, because, next } = steps.find((step) => step.id === 'audit') ?? { state: '', because: '', next: null };
    return { state, because, next };
  }, false);

  test('unproven until the log was checked, stale 30 days later or with another retention, failed below what the rule asks for', async () => {
    const one = await accepted();
    expect(await stateOf(one)).toMatchObject({ state: 'unproven', next: 'agentctl audit verify' });
    await one.run('audit', 'verify');
    expect(await stateOf(one)).toMatchObject({ state: 'passed', next: null });
    const longer = one.copy();
    longer.edit('agent.yaml', (text) => text.replace('years: 3', 'years: 4'));
    expect(await stateOf(longer)).toMatchObject({ state: 'stale', because: 'audit: retention.years 3 -> 4', next: 'agentctl audit verify' });
    const shorter = one.copy();
    shorter.edit('agent.yaml', (text) => text.replace('years: 3', 'years: 2'));
    expect(await stateOf(shorter)).toMatchObject({ state: 'failed', because: '2 years, but general asks for 3', next: 'set audit.retention.years in agent.yaml' });
    one.clock.set('2026-12-22T12:00:00.001Z');
    expect(await stateOf(one)).toMatchObject({ state: 'stale', because: expect.stringContaining('expired on 2026-12-22') });
  }, 60_000);
});
