/** Step 6's questions: each trigger exercised and, as its sabotage twin, removed; the drill; the queue. */
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import { judge } from '../../src/domain/step.js';
import { decide } from '../../src/enforcement/decision.js';
import { masteredCapabilities } from '../../src/enforcement/declared.js';
import { argumentsWith, exerciseTriggers, TRIGGERS } from '../../src/enforcement/exercise.js';
import { escalation } from '../../src/steps/06-escalation.js';
import { AGENT, approvalFor, BERT, digestOf, entry, grantBy, LIMITS, NOW, policyWith, proposal } from '../enforcement/fixture.js';
import { findingsOf, WITHOUT_MONEY, type Seen } from './io.js';

const TRIGGERS_SECTION: JsonObject = {
  materiality: { above: '50.00' }, confidence: { below: '0.60' }, scope: { minimum: 'met' }, firstEncounter: { fields: ['/to'], learn: 'approved' }, doubt: true,
  custom: [
    { id: 'far', tool: 'move', pointer: '/to', operator: 'contains', value: 'archive' },
    { id: 'many', pointer: '/count', operator: 'gt', value: '10' },
    { id: 'few', pointer: '/count', operator: 'lt', value: '-3.5' },
    { id: 'other', tool: 'notify', pointer: '/to', operator: 'ne', value: 'owner' },
    { id: 'same', tool: 'notify', pointer: '/to', operator: 'eq', value: 'press' },
  ],
  approval: { expires: 'PT4H', roles: ['finance'], quorum: 1 },
};
const limits = LIMITS as unknown as JsonObject;
const tested = (change: JsonObject = {}): readonly [string, JsonObject] => ['escalation.tested', {
  trigger: 'doubt', beforeApproval: 'not-moved', afterApproval: 'moved-once', replay: 'refused', changed: 'refused', forged: 'refused', expired: 'refused', subject: digestOf('s'), act: digestOf('a'),
  operator: BERT.did, ceremony: 'scripted', policy: digestOf('p'), deliverable: digestOf('d'), milliseconds: 12, ...change,
}];
const findings = (section: JsonObject = TRIGGERS_SECTION, seen: Seen = {}, others: Readonly<Record<string, JsonObject>> = { limits }) => findingsOf(escalation, section, seen, others);
const PROBES = {
  materiality: 'escalation.materiality', confidence: 'escalation.confidence', scope: 'escalation.scope', firstEncounter: 'escalation.first-encounter', doubt: 'escalation.doubt', custom: 'escalation.custom',
} as const;

test('6.1 to 6.9: every row has a probe', () => {
  expect([...new Set(escalation.probes.map((probe) => probe.row))]).toEqual(['6.1', '6.2', '6.3', '6.4', '6.5', '6.6', '6.7', '6.8', '6.9']);
});

describe('triggers', () => {
  test('6.1 to 6.6: all of them work', async () => {
    const found = await findings(TRIGGERS_SECTION, { entries: [tested()] });
    for (const probe of Object.values(PROBES)) expect([probe, found[probe]?.is]).toEqual([probe, 'yes']);
    expect(judge(Object.values(found), { stale: false, blocked: false })).toBe('passed');
  });

  test.each(['materiality', 'confidence', 'scope', 'firstEncounter', 'doubt'] as const)('6.1 to 6.5 sabotage twin: without %s its probe says no, and the others stay', async (key) => {
    const { [key]: _gone, ...rest } = TRIGGERS_SECTION;
    const found = await findings({ ...rest, ...(key === 'doubt' ? { doubt: false } : {}) }, { entries: [tested()] });
    for (const [name, probe] of Object.entries(PROBES)) expect([probe, found[probe]?.is]).toEqual([probe, name === key ? 'no' : 'yes']);
    expect(judge(Object.values(found), { stale: false, blocked: false })).toBe('failed');
  });

  test('6.2 a threshold of zero never fires, and shows', async () => {
    expect((await findings({ ...TRIGGERS_SECTION, confidence: { below: '0' } }))['escalation.confidence']?.is).toBe('no');
  });

  test('6.1 without amounts there is nothing to weigh; 6.6 without conditions nothing to meet', async () => {
    const { materiality: _gone, custom: _too, ...rest } = TRIGGERS_SECTION;
    const found = await findings(rest, { manifest: WITHOUT_MONEY });
    expect([found['escalation.materiality']?.is, found['escalation.custom']?.is, found['escalation.confidence']?.is]).toEqual(['not-applicable', 'not-applicable', 'yes']);
  });

  test('6.1 above the limit of a transaction it is denied outright, which is stricter', async () => {
    const found = await findings({ ...TRIGGERS_SECTION, materiality: { above: '100.00' } });
    expect(found['escalation.materiality']).toMatchObject({ is: 'yes', because: expect.stringContaining('denied outright') });
  });

  test('without limits there is no policy, and nothing is claimed', async () => {
    const found = await findings(TRIGGERS_SECTION, {}, {});
    expect(found['escalation.doubt']).toMatchObject({ is: 'unknown', because: expect.stringContaining('no section "limits"') });
  });

  test('sabotage twin: a decision function that always permits misses every trigger', () => {
    const policy = policyWith({ triggers: TRIGGERS_SECTION as object });
    const always = exerciseTriggers(policy, NOW, (given, asked, facts) => ({ ...decide(given, asked, facts), decision: 'permit' }));
    expect(always.map((one) => [one.trigger, one.missed !== null])).toEqual(TRIGGERS.map((trigger) => [trigger, true]));
  });

  test('sabotage twin: a decision function that ignores one trigger misses exactly that one', () => {
    const policy = policyWith({ triggers: TRIGGERS_SECTION as object });
    const deaf = exerciseTriggers(policy, NOW, (given, asked, facts) => decide(given, { ...asked, doubt: false }, facts));
    expect(deaf.filter((one) => one.missed !== null).map((one) => one.trigger)).toEqual(['doubt']);
  });

  test('arguments are built from JSON Pointers', () => {
    expect(argumentsWith([['/a/b', '0'], ['/a/c~1d', 1], ['/e', true], ['/a/b', '2']])).toEqual({ a: { b: '2', 'c/d': 1 }, e: true });
    expect(Object.keys(argumentsWith([['/__proto__/x', '1']]))).toEqual(['__proto__']);
  });
});

describe('the drill', () => {
  test('6.7 6.8 nothing rehearsed is unknown', async () => {
    const found = await findings();
    expect([found['escalation.unconditional']?.is, found['escalation.bound']?.is]).toEqual(['unknown', 'unknown']);
  });

  test.each([
    ['escalation.unconditional', { beforeApproval: 'moved' }], ['escalation.unconditional', { afterApproval: 'moved-again' }],
    ['escalation.bound', { replay: 'let-through' }], ['escalation.bound', { changed: 'let-through' }], ['escalation.bound', { forged: 'let-through' }], ['escalation.bound', { expired: 'let-through' }],
  ] as const)('6.7 6.8 %s: %j is a no', async (probe, change) => {
    expect((await findings(TRIGGERS_SECTION, { entries: [tested(change)] }))[probe]?.is).toBe('no');
  });

  test('6.8 an operator who lost the role proves nothing any more', async () => {
    expect((await findings(TRIGGERS_SECTION, { entries: [tested()], attested: false }))['escalation.bound']?.is).toBe('unknown');
  });

  test('6.8 a quorum needs that many operators', async () => {
    const approval = { expires: 'PT4H', roles: ['finance'], quorum: 3 };
    expect((await findings({ ...TRIGGERS_SECTION, approval }))['escalation.approvers']).toMatchObject({ is: 'no', because: '2 of the 3 that finance must give' });
  });
});

describe('the queue', () => {
  const policy = policyWith();
  const at = (id: string, change: object): readonly [string, JsonObject] => [id, approvalFor(policy, proposal(), { id, ...change }) as unknown as JsonObject];
  const queue = async (...approvals: readonly (readonly [string, JsonObject])[]) => (await findings(TRIGGERS_SECTION, { projections: { approvals } }))['escalation.queue'];

  test('6.9 empty: unknown', async () => {
    expect(await queue()).toMatchObject({ is: 'unknown', severity: 'should' });
  });

  test('6.9 answered: latency, open ones and the oldest', async () => {
    const found = await queue(at('a', {}), at('b', { status: 'pending', grants: [grantBy(BERT)].slice(1), decidedAt: null }));
    expect(found).toMatchObject({ is: 'yes', because: 'answered within 30 min (median) and 30 min (95 %); 0 of 1 expired unanswered; 1 open, the oldest since 2026-11-22 11:00 UTC' });
  });

  test('6.9 nobody answered: no', async () => {
    const expired = { status: 'expired', grants: [], decidedAt: '2026-11-22T11:45:00.000Z', expiresAt: '2026-11-22T11:45:00.000Z' };
    expect(await queue(at('a', {}), at('b', expired), at('c', expired))).toMatchObject({ is: 'no', because: expect.stringContaining('2 of 3 expired') });
  });
});

describe('6.3 what the accepted baseline masters', () => {
  const verdicts = (...list: readonly (readonly [capability: string, verdict: string])[]) => list.map(([capability, verdict]) => ({ capability, verdict }));
  const finished = [
    entry('evaluation.finished', { run: 'r-1', observational: false, conditions: verdicts(['triage', 'met'], ['triage', 'met'], ['payments', 'met'], ['payments', 'insufficient']) }),
    entry('evaluation.finished', { run: 'r-2', observational: true, conditions: verdicts(['triage', 'observed']) }),
  ];
  const accepted = entry('baseline.accepted', { run: 'r-1' });
  test.each([
    ['only capabilities with every condition met', [accepted], AGENT.build, ['triage']],
    ['nobody knows without an accepted baseline', [], AGENT.build, null],
    ['nobody knows about another build', [accepted], digestOf('other'), null],
    ['an observational run masters nothing', [entry('baseline.accepted', { run: 'r-2' })], AGENT.build, null],
    ['a restored build has its own', [accepted, { ...entry('baseline.accepted', { run: 'r-2' }), agent: { ...AGENT, build: digestOf('newer') } }], AGENT.build, ['triage']],
  ] as const)('%s', (_name, entries, build, expected) => {
    expect(masteredCapabilities(entries, finished, build)).toEqual(expected);
  });
});
