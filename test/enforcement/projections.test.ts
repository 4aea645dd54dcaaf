/** Suspension, patterns, starts and open intents as pure folds. */
import { describe, expect, test } from '@jest/globals';
import { actionsProjection, openIntents, startsProjection, startsWithinHour } from '../../src/enforcement/activity.js';
import { isKnown, patternsProjection } from '../../src/enforcement/patterns.js';
import { suspendedBy, suspensionProjection } from '../../src/enforcement/suspension.js';
import { patternOf } from '../../src/enforcement/triggers.js';
import type { Entry } from '../../src/domain/entry.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Projection } from '../../src/domain/projection.js';
import { dataProblem } from '../../src/ledger/registry.js';
import { digestOf, entry } from './fixture.js';

function fold(projection: Projection, entries: readonly Entry[]): ReadonlyMap<string, JsonObject> {
  const table = new Map<string, JsonObject>();
  for (const one of entries) for (const { key, state } of projection.apply(one, (wanted) => table.get(wanted))) state === null ? table.delete(key) : table.set(key, state);
  return table;
}

describe('10.3 suspension', () => {
  const opened = (incident: string, action: string) => entry('incident.opened', { incident, severity: 'sev2', trigger: 'manual', action, drill: false });
  const lifted = (incident: string) => entry('incident.lifted', { incident });
  const closed = (incident: string) => entry('incident.closed', { incident, reviewDue: '2026-12-01T00:00:00.000Z', subject: digestOf('subject'), act: digestOf('act'), operator: 'anna', ceremony: 'scripted' });
  test.each<[string, readonly Entry[], string | null]>([
    ['nothing happened', [], null],
    ['suspend', [opened('i1', 'suspend')], 'i1'],
    ['rollback stops too', [opened('i1', 'rollback')], 'i1'],
    ['investigate does not', [opened('i1', 'investigate')], null],
    ['lifted', [opened('i1', 'suspend'), lifted('i1')], null],
    ['closed', [opened('i1', 'suspend'), closed('i1')], null],
    ['lifting one leaves the other', [opened('i1', 'suspend'), opened('i2', 'rollback'), lifted('i1')], 'i2'],
    ['lifting a stranger', [opened('i1', 'suspend'), lifted('i9')], 'i1'],
    ['an investigation closed beside a suspension', [opened('i1', 'suspend'), opened('i2', 'investigate'), closed('i2')], 'i1'],
  ])('%s', (_name, entries, incident) => {
    expect(suspendedBy(fold(suspensionProjection, entries).get('agent'))).toBe(incident);
    for (const one of entries) expect(dataProblem(one.type, one.data)).toBeNull();
  });
});

const recorded = (change: JsonObject): Entry =>
  entry('action.recorded', {
    action: 'a-1', digest: digestOf('d'), capability: 'triage', tool: 'move', decision: 'permit', rule: 'within-policy', pattern: digestOf('p'), confidence: '0.9', doubt: false,
    pre: 'ok', post: 'ok', outcome: 'done', approval: null, reservation: null, source: 'production', policy: digestOf('policy'), milliseconds: 3, ...change,
  });
const intent = (action: string, ts?: string): Entry =>
  entry('action.intent', { action, digest: digestOf('d'), capability: 'triage', tool: 'move', approval: null, reservation: null, source: 'production', policy: digestOf('policy') }, ts);

describe('6.4 patterns', () => {
  test.each<[string, JsonObject, boolean, boolean]>([
    ['done under an approval', { approval: 'ap-1', rule: 'approved' }, true, true],
    ['done without one', {}, true, false],
    ['failed under an approval', { approval: 'ap-1', outcome: 'failed' }, true, false],
    ['escalated', { decision: 'escalate', outcome: 'not-run', approval: 'ap-1' }, true, false],
    ['denied teaches nothing', { decision: 'deny', outcome: 'not-run' }, false, false],
    ['a drill teaches nothing', { approval: 'ap-1', source: 'drill' }, false, false],
  ])('%s', (_name, change, seen, approved) => {
    const one = recorded(change);
    expect(dataProblem(one.type, one.data)).toBeNull();
    const state = fold(patternsProjection, [one]).get(digestOf('p'));
    expect([isKnown(state, 'seen'), isKnown(state, 'approved')]).toEqual([seen, approved]);
  });

  test('plain values count as themselves, lists and objects by shape', () => {
    const of = (args: JsonObject, tool = 'pay') => patternOf(tool, args, ['/to', '/body']);
    expect(of({ to: 'bob', other: 1 })).toBe(of({ to: 'bob', other: 2 }));
    expect(of({ to: 'bob' })).not.toBe(of({ to: 'eve' }));
    expect(of({ to: 'bob' })).not.toBe(of({ to: 'bob' }, 'move'));
    expect(of({ to: null })).not.toBe(of({}));
    expect(of({ to: 'bob', body: { text: 'a' } })).toBe(of({ to: 'bob', body: { text: 'b' } }));
    expect(of({ to: 'bob', body: ['a'] })).toBe(of({ to: 'bob', body: ['b', 'c'] }));
    expect(of({ to: 'bob', body: ['a'] })).not.toBe(of({ to: 'bob', body: [1] }));
  });
});

describe('8.6 starts', () => {
  test('an intent without an outcome is found; a denied repetition does not close it', () => {
    const entries = [intent('a-1'), recorded({}), intent('a-2'), recorded({ action: 'a-2', decision: 'deny', outcome: 'not-run' })];
    expect(openIntents(entries).map(({ data }) => data['action'])).toEqual(['a-2']);
    expect(dataProblem('action.intent', intent('a-1').data)).toBeNull();
    const table = fold(actionsProjection, entries);
    expect([table.get('a-1')?.['outcome'], table.get('a-2')?.['outcome']]).toEqual(['done', 'open']);
  });

  test('starts within the hour never undercount', () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute, 50)).toISOString();
    const table = fold(startsProjection, [0, 1, 30, 60, 61].map((minute) => intent(`a-${minute}`, at(minute))));
    expect(startsWithinHour(table, at(61))).toBe(4);
    expect(startsWithinHour(table, at(90))).toBe(3);
    expect(startsWithinHour(table, at(200))).toBe(0);
    expect(table.get('all')).toEqual({ count: 5 });
  });
});
