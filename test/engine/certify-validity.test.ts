/** Until when a certification counts, and the reason that its reader is told. */
import { afterAll, expect, test } from '@jest/globals';
import { earliest, endOfRun } from '../../src/engine/certify/validity.js';
import { hardHam, pactOf, recall } from '../evaluation/fixture.js';
import { launched } from '../support/launched.js';
import { removeTinies } from '../support/tiny.js';

afterAll(removeTinies);

const FROM = '2026-11-22T12:00:00.000Z';

test.each([
  ['windows as long as the policy', [recall], 'P90D', '2027-02-20T12:00:00.000Z', 'certification.validFor: P90D'],
  ['a policy shorter than the windows', [recall], 'P30D', '2026-12-22T12:00:00.000Z', 'certification.validFor: P30D'],
  ['one condition with a shorter window', [recall, { ...hardHam, window: 'P30D' }], 'P90D', '2026-12-22T12:00:00.000Z', 'the window P30D of hard-ham-kept, shorter than certification.validFor: P90D'],
  ['two such', [{ ...recall, window: 'P30D' }, { ...hardHam, window: 'P30D' }], 'P90D', '2026-12-22T12:00:00.000Z', 'the window P30D of spam-caught, hard-ham-kept, shorter than certification.validFor: P90D'],
])('9.1 the end of a run: %s', (_name, conditions, validFor, at, because) => {
  expect(endOfRun(validFor, pactOf(...conditions), FROM)).toEqual({ at, because });
});

test('9.2 of several ends the first decides, of equal ones the first named', () => {
  const ends = [{ at: '2027-02-01', because: 'a' }, { at: '2027-01-01', because: 'b' }, { at: '2027-01-01', because: 'c' }] as const;
  expect(earliest([...ends])).toEqual(ends[1]);
});

test('9.1 9.2 run and issue say which condition ends the certificate', async () => {
  const one = await launched((text) => text.replace(/(id: asks-seldom[\s\S]*?window: )P90D/, '$1P30D'));
  const because = 'the window P30D of asks-seldom, shorter than certification.validFor: P90D';
  const measured = await one.run('certify', 'run');
  expect(measured.facts).toContainEqual({ label: 'counts until', value: `2026-12-22 12:00 UTC, by ${because}` });
  await one.run('certify', 'sign-off', { as: 'omar' });
  const run = String(measured.data['run']);
  expect(await one.run('certify', 'issue')).toMatchObject({ facts: expect.arrayContaining([{ label: 'valid until', value: `2026-12-22 12:00 UTC, by ${because}, from ${run} on` }]) as unknown, data: { validUntil: '2026-12-22T12:00:00.000Z', decidedBy: `${because}, from ${run} on` } });
}, 60_000);
