/** 8.3 Retention: each class its rule, and nothing goes before its time or while something rests on it. */
import { describe, expect, test } from '@jest/globals';
import { entryTypes } from '../../src/ledger/registry.js';
import { classOf, keptUntil, outlived, RETENTION, rulesOf, yearsLater, type Retention } from '../../src/ledger/retention.js';

const GENERAL: Retention = { preset: 'general', years: 3 };
const BANK: Retention = { ...GENERAL, classes: { actions: { preset: 'finance-us', years: 6 } } };
const NOON = '2026-11-22T12:00:00.000Z';

async function* entriesOf(...types: readonly string[]) {
  for (const [seq, type] of types.entries()) yield { seq, type, ts: yearsLater(NOON, seq) };
}

test('8.3 presets are within three to seven years, and name their rule', () => {
  for (const { years, rule } of Object.values(RETENTION)) expect([years >= 3 && years <= 7, rule.length > 5]).toEqual([true, true]);
});

test('every type has a class; what agents did is not mixed with how they are governed', () => {
  const of = (record: string) => entryTypes().filter((type) => classOf(type) === record);
  expect(of('actions')).toEqual(expect.arrayContaining(['action.intent', 'action.recorded', 'approval.granted', 'reservation.made']));
  expect(of('evaluations')).toEqual(expect.arrayContaining(['evaluation.batch', 'baseline.measured', 'monitor.ran']));
  expect(of('governance')).toEqual(expect.arrayContaining(['ledger.opened', 'pact.signed', 'baseline.accepted', 'certificate.issued']));
  expect(classOf('something.newer')).toBe('governance');
});

test('calendar years, leap days kept a day longer', () => {
  expect(yearsLater(NOON, 3)).toBe('2029-11-22T12:00:00.000Z');
  expect(yearsLater('2028-02-29T00:00:00.000Z', 3)).toBe('2031-03-01T00:00:00.000Z');
  expect(yearsLater('2028-02-29T00:00:00.000Z', 4)).toBe('2032-02-29T00:00:00.000Z');
});

test('a class of its own overrules the general rule', () => {
  expect(rulesOf(BANK).map(({ record, years }) => [record, years])).toEqual([['actions', 6], ['evaluations', 3], ['governance', 3]]);
  expect(keptUntil({ ts: NOON, type: 'action.recorded' }, BANK)).toBe('2032-11-22T12:00:00.000Z');
  expect(keptUntil({ ts: NOON, type: 'pact.signed' }, BANK)).toBe('2029-11-22T12:00:00.000Z');
});

describe('what has outlived its retention', () => {
  const nothing = () => false;
  test('the beginning, up to the first entry whose time has not come', async () => {
    const after = (years: number) => outlived(entriesOf('a.a', 'a.a', 'a.a'), GENERAL, yearsLater(NOON, years), nothing);
    expect(await after(2)).toEqual({ size: 0, stays: { seq: 0, type: 'a.a', until: yearsLater(NOON, 3) } });
    expect(await after(3)).toMatchObject({ size: 1, stays: { seq: 1 } });
    expect(await after(9)).toEqual({ size: 3, stays: null });
  });

  test('an entry of a longer kept class holds back what comes after it', async () => {
    expect(await outlived(entriesOf('a.a', 'action.recorded', 'a.a'), BANK, yearsLater(NOON, 6), nothing)).toMatchObject({ size: 1, stays: { seq: 1, until: yearsLater(NOON, 7) } });
  });

  test('what something still rests on stays, however old', async () => {
    expect(await outlived(entriesOf('a.a', 'pact.signed', 'a.a'), GENERAL, yearsLater(NOON, 30), ({ type }) => type === 'pact.signed')).toEqual({ size: 1, stays: { seq: 1, type: 'pact.signed', until: null } });
  });
});
