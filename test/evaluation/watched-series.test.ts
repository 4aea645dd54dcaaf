/** The series that is drawn: one point a look, a value inside its interval, afresh after a reset. */
import { expect, test } from '@jest/globals';
import type { Look } from '../../src/evaluation/counts.js';
import { watchedSeries } from '../../src/evaluation/watched-series.js';
import { toInstant } from '../../src/domain/time.js';
import { counted } from './counted.js';

const look = (number: number, change: Partial<Look> = {}): Look => ({
  at: toInstant(Date.UTC(2026, 10, number, 3)), run: `run-${number}`, build: 'b', dimensions: { accuracy: '0.9', safety: '0.95' }, composite: '0.925',
  counts: [counted(), counted({ condition: 'harm', dimension: 'safety', operator: '<=', threshold: '0.10', hits: '5' })], ...change,
});
const of = (looks: readonly Look[], id: string) => watchedSeries(looks, 0.05, '0.80').find((one) => one.id === id);

test('5.4 conditions as they are promised, dimensions and composite as scores', () => {
  const looks = [1, 2, 3].map((number) => look(number));
  expect(watchedSeries(looks, 0.05, '0.80').map(({ kind, id, threshold, operator, points }) => [kind, id, operator, threshold, points.length])).toEqual([
    ['condition', 'right', '>=', '0.85', 3], ['condition', 'harm', '<=', '0.10', 3], ['dimension', 'accuracy', null, null, 3], ['dimension', 'safety', null, null, 3], ['composite', 'composite', '>=', '0.80', 3],
  ]);
  const last = ['right', 'harm', 'safety', 'composite'].map((id) => of(looks, id)?.points.at(-1));
  expect(last.map((point) => [point?.value, point?.n, point?.run, point?.reset])).toEqual([['0.900000', 300, '0.900000', false], ['0.050000', 300, '0.050000', false], ['0.950000', 300, '0.95', false], ['0.925000', 300, '0.925', false]]);
  for (const point of last) expect(Number(point?.low) < Number(point?.value) && Number(point?.value) < Number(point?.high)).toBe(true);
});

test('5.4 another build starts afresh: the interval is as wide as at the beginning', () => {
  const points = of([look(1), look(2), look(3, { build: 'c' })], 'right')?.points ?? [];
  expect(points.map(({ n, reset }) => [n, reset])).toEqual([[100, true], [200, false], [100, true]]);
  expect([points[2]?.low, points[2]?.high]).toEqual([points[0]?.low, points[0]?.high]);
});

test('5.4 a condition that is no mean leaves its dimension open between 0 and 1; a look without counts has no point', () => {
  const looks = [look(1, { counts: [] }), look(2, { counts: [counted({ hits: null })] })];
  expect(of(looks, 'right')?.points).toMatchObject([{ value: null, low: '0.000000', high: '1.000000' }]);
  expect(of(looks, 'accuracy')?.points).toMatchObject([{ value: null, low: '0.000000', high: '1.000000', run: '0.9' }]);
});
