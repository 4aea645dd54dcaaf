/** Approvals as a fold over the ledger, and who may vote. */
import { describe, expect, test } from '@jest/globals';
import { approvalByActionProjection, approvalOf, approvalsProjection, approvalSubject, canGrant, consumable, standingGrants, statusAt, type Approval } from '../../src/enforcement/approvals.js';
import { queueFigures } from '../../src/enforcement/queue.js';
import type { Entry } from '../../src/domain/entry.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Operator } from '../../src/domain/manifest.js';
import type { Projection } from '../../src/domain/projection.js';
import { dataProblem } from '../../src/ledger/registry.js';
import { AGENT, ANNA, BERT, CARA, digestOf, entry } from './fixture.js';

const ACTION = digestOf('action');
const at = (minute: number) => `2026-11-22T12:${String(minute).padStart(2, '0')}:00.000Z`;
const EXPIRES = at(30);

export function fold(projection: Projection, entries: readonly Entry[]): ReadonlyMap<string, JsonObject> {
  const table = new Map<string, JsonObject>();
  for (const one of entries) {
    if (!projection.types.includes(one.type)) continue;
    for (const { key, state } of projection.apply(one, (wanted) => table.get(wanted))) state === null ? table.delete(key) : table.set(key, state);
  }
  return table;
}

const request = (quorum = 1, id = 'ap-1', minute = 0) =>
  entry('approval.requested', { id, action: ACTION, tool: 'move', capability: 'triage', rule: 'doubt', expiresAt: EXPIRES, roles: ['finance'], quorum }, at(minute), minute);
const vote = (operator: Operator, minute = 1, more: JsonObject = {}) =>
  entry('approval.granted', { id: 'ap-1', action: ACTION, subject: digestOf('s'), operator: operator.did, act: digestOf(operator.id), ceremony: 'scripted', ...more }, at(minute), minute);
const refusal = (minute = 1) => entry('approval.denied', { ...vote(CARA, minute).data, reason: 'wrong' }, at(minute), minute);
const consumed = (minute = 2) => entry('approval.consumed', { id: 'ap-1', action: ACTION }, at(minute), minute);
const expired = (minute: number) => entry('approval.expired', { id: 'ap-1', action: ACTION }, at(minute), minute);
const state = (...entries: readonly Entry[]): Approval => approvalOf(fold(approvalsProjection, entries).get('ap-1') ?? {});

describe('6.8 the state of a request', () => {
  test.each<[string, readonly Entry[], string]>([
    ['asked', [request()], 'pending'],
    ['approved', [request(), vote(ANNA)], 'granted'],
    ['half a quorum', [request(2), vote(ANNA)], 'pending'],
    ['the same person twice', [request(2), vote(ANNA), vote(ANNA, 2)], 'pending'],
    ['two people', [request(2), vote(ANNA), vote(BERT, 2)], 'granted'],
    ['a vote for another action', [request(), vote(ANNA, 1, { action: digestOf('other') })], 'pending'],
    ['a vote by the agent itself', [request(), vote(ANNA, 1, { operator: AGENT.did ?? '' })], 'pending'],
    ['a vote too late', [request(), vote(ANNA, 30)], 'pending'],
    ['refused', [request(), refusal()], 'denied'],
    ['one refusal ends a quorum', [request(2), vote(ANNA), refusal(2), vote(BERT, 3)], 'denied'],
    ['refused after the grant, before the use', [request(), vote(ANNA), refusal(2)], 'denied'],
    ['used', [request(), vote(ANNA), consumed()], 'consumed'],
    ['used without a grant', [request(), consumed()], 'pending'],
    ['used is used, whenever it was written', [request(), vote(ANNA), consumed(31)], 'consumed'],
    ['revived after use', [request(), vote(ANNA), consumed(), vote(BERT, 3), request(1, 'ap-1', 4)], 'consumed'],
    ['expired', [request(), expired(30)], 'expired'],
    ['expired before its time', [request(), expired(29)], 'pending'],
  ])('%s', (_name, entries, status) => {
    expect(state(...entries).status).toBe(status);
  });

  test('every entry fits the registry', () => {
    for (const one of [request(), vote(ANNA), refusal(), consumed(), expired(30)]) expect(dataProblem(one.type, one.data)).toBeNull();
    expect(dataProblem('approval.denied', { ...refusal().data, reason: 'because I say so' })).not.toBeNull();
  });

  test('one request speaks for an action, until it is used or out of time', () => {
    const id = (...entries: readonly Entry[]) => fold(approvalByActionProjection, entries).get(ACTION)?.['id'];
    expect(id(request(), vote(ANNA))).toBe('ap-1');
    expect(id(request(), vote(ANNA), consumed())).toBeUndefined();
    expect(id(request(), refusal())).toBe('ap-1');
    expect(id(request(), expired(30))).toBeUndefined();
    expect(id(request(), request(1, 'ap-2', 5), expired(30))).toBe('ap-2');
  });
});

describe('6.8 who may vote', () => {
  const may = (approval: Approval, operator: Operator, now = at(5)) => canGrant(approval, { now, operator, requester: AGENT });
  test.each<[string, Approval, Operator, string, string | null]>([
    ['a fitting role', state(request()), ANNA, at(5), null],
    ['a wrong role', state(request()), CARA, at(5), 'holds none of the roles'],
    ['the agent itself', state(request()), { ...ANNA, did: AGENT.did ?? '' }, at(5), 'whoever asks may not approve'],
    ['an operator with the id of the agent', state(request()), { ...ANNA, id: AGENT.id }, at(5), 'whoever asks may not approve'],
    ['twice', state(request(2), vote(ANNA)), ANNA, at(5), 'already approved'],
    ['the second person', state(request(2), vote(ANNA)), BERT, at(5), null],
    ['late', state(request()), ANNA, EXPIRES, 'expired'],
    ['after a refusal', state(request(), refusal()), ANNA, at(5), 'already denied'],
    ['after the use', state(request(), vote(ANNA), consumed()), BERT, at(5), 'already consumed'],
    ['before the request', state(request(1, 'ap-1', 3)), ANNA, at(2), 'clock'],
  ])('%s', (_name, approval, operator, now, because) => {
    const answer = may(approval, operator, now);
    if (because === null) expect(answer).toEqual({ may: true });
    else expect(answer).toMatchObject({ may: false, because: expect.stringContaining(because) });
  });

  test('a vote counts only while its operator still holds a fitting role', () => {
    const approval = state(request(), vote(ANNA));
    expect(standingGrants(approval, [ANNA])).toHaveLength(1);
    expect(standingGrants(approval, [{ ...ANNA, roles: ['legal'] }])).toHaveLength(0);
    expect(standingGrants(approval, [BERT])).toHaveLength(0);
  });

  test('what is signed names the request, so an old signature is no use for a new one', () => {
    const approval = state(request());
    expect(approvalSubject({ ...approval, id: 'ap-2' })).not.toBe(approvalSubject(approval));
    expect(approvalSubject({ ...approval, expiresAt: at(59) })).not.toBe(approvalSubject(approval));
    expect(approvalSubject({ ...approval, action: digestOf('x') })).not.toBe(approvalSubject(approval));
  });
});

test('6.8 consumable: this action, granted, in time, once', () => {
  const approval = state(request(), vote(ANNA));
  expect(consumable(approval, ACTION, at(5))).toEqual({ may: true });
  expect(consumable(null, ACTION, at(5)).may).toBe(false);
  expect(consumable(approval, digestOf('x'), at(5)).may).toBe(false);
  expect(consumable(approval, ACTION, EXPIRES).may).toBe(false);
  expect(consumable(state(request(), vote(ANNA), consumed()), ACTION, at(5)).may).toBe(false);
  expect(statusAt(approval, EXPIRES)).toBe('expired');
});

test('6.9 the queue in figures', () => {
  const other = { ...state(request()), id: 'ap-2' };
  const figures = queueFigures([state(request(), vote(ANNA, 2)), state(request(), refusal(4)), other, { ...other, id: 'ap-3', expiresAt: at(10) }], at(20));
  expect(figures).toEqual({ pending: 1, oldest: 20 * 60_000, granted: 1, denied: 1, expired: 1, median: 2 * 60_000, p95: 4 * 60_000 });
  expect(queueFigures([], at(0))).toMatchObject({ pending: 0, oldest: null, median: null });
});
